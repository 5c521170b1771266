// Small helps. Every page works without them.

import { copyButtons } from "./copy.js";
import { focusMistakes } from "./focus.js";
import { guardForms } from "./guard.js";
import { openMenu } from "./menu.js";
import { passkeyForms } from "./passkey.js";
import { followProgress } from "./refresh.js";
import { sendForms } from "./send.js";

focusMistakes(document);
openMenu(document);
copyButtons(document);
guardForms(document);
passkeyForms(document);
followProgress(document);
sendForms(document);
