// A mail server of its own, Dovecot 2.3: it opens a mailbox to who shows a token of ours.
import { execFile, spawn } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, started } from './network.mjs';

/** Who may own mailboxes: nobody opens one as root. */
const NOBODY = 65_534;

/** Starts it; `oauth` says how it asks what a token is worth. */
export async function startDovecot(oauth) {
  const folder = mkdtempSync(join(tmpdir(), 'gouvernail-dovecot-'));
  const port = await freePort();
  const { uid, gid, username } = userInfo();
  const owner = uid === 0 ? [NOBODY, NOBODY] : [uid, gid];
  const user = uid === 0 ? 'nobody' : username;
  mkdirSync(join(folder, 'mail'));
  for (const one of [folder, join(folder, 'mail')]) chownSync(one, ...owner);
  const log = join(folder, 'log');
  writeFileSync(join(folder, 'oauth2.conf'),
    Object.entries(oauth).map(([key, value]) => `${key} = ${value}\n`).join(''));
  writeFileSync(join(folder, 'dovecot.conf'), `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${log}
default_login_user = ${user}
default_internal_user = ${user}
default_internal_group =
protocols = imap
listen = 127.0.0.1
ssl = no
# The tests' network is this machine.
disable_plaintext_auth = no
auth_mechanisms = oauthbearer xoauth2
auth_failure_delay = 0
mail_location = maildir:~/maildir
passdb {
  driver = oauth2
  mechanisms = oauthbearer xoauth2
  args = ${folder}/oauth2.conf
}
userdb {
  driver = static
  args = uid=${owner[0]} gid=${owner[1]} home=${folder}/mail/%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
  # Wrong tokens in a row are answered at once.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
`);
  const server = spawn('/usr/sbin/dovecot', ['-F', '-c', join(folder, 'dovecot.conf')],
    { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((done) => server.on('exit', done));
  await started(server, () => greets(port), 'Dovecot', log);
  return {
    /** What an IMAP client learns that shows a token: whether the mailbox opened, as whose. */
    async open(user, token, mechanism = 'OAUTHBEARER') {
      const client = ['clients/imap_mailbox.py', String(port), mechanism, user, token];
      const { stdout } = await promisify(execFile)(process.env.PYTHON ?? 'python3', client);
      return JSON.parse(stdout);
    },
    log: () => readFileSync(log, 'utf8'),
    async stop() {
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function greets(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    const greeting = await new Promise((done, failed) => {
      socket.once('data', done);
      socket.once('error', failed);
    });
    return greeting.toString().startsWith('* OK');
  } finally {
    socket.destroy();
  }
}
