/**
 * `<form data-passkey="get|create" data-options="ADDRESS" data-failed="…">`: asks the server what to
 * ask, then the browser for a passkey, and sends its answer in the field `answer`. The stylesheet
 * shows the form once it works.
 */
export function passkeyForms(document) {
  if (!window.PublicKeyCredential) return;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.dataset.ready = "";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    });
  }
}

async function ask(form) {
  const button = form.querySelector("[type=submit]");
  const failed = form.querySelector("[role=alert]");
  failed.textContent = "";
  button.disabled = true;
  try {
    const reply = await fetch(form.dataset.options, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    if (!reply.ok) throw new Error(`${reply.status}`);
    const publicKey = readOptions(await reply.json());
    const credential =
      form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey })
        : await navigator.credentials.get({ publicKey });
    form.elements.answer.value = JSON.stringify(writeAnswer(credential));
    form.submit();
  } catch {
    // Refused, timed out, unknown here: browsers don't tell which, on purpose.
    failed.textContent = form.dataset.failed;
    button.disabled = false;
    button.focus();
  }
}

function readOptions(options) {
  const read = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: toBytes(options.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    read[list] = options[list]?.map((one) => ({ ...one, id: toBytes(one.id) }));
  }
  return read;
}

function writeAnswer({ rawId, response }) {
  return {
    id: toText(rawId),
    clientData: toText(response.clientDataJSON),
    attestationObject: toText(response.attestationObject),
    authenticatorData: toText(response.authenticatorData),
    signature: toText(response.signature),
    userHandle: toText(response.userHandle),
  };
}

function toBytes(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}

function toText(buffer) {
  if (!buffer) return undefined;
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
