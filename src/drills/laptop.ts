import { chmodSync, existsSync, renameSync } from 'node:fs'
import type { Drill } from './drill.ts'

const MINUTE_MS = 60_000

export const laptopDrills: readonly Drill[] = [
  {
    id: 'key-readable',
    level: 'easy',
    symptom:
      'Since I copied my course folder to a new laptop, "ssh" says: UNPROTECTED PRIVATE KEY FILE. Permission denied (publickey).',
    hints: [
      'The server is well. Look at what lies on the laptop.',
      'OpenSSH refuses a private key that others could have read.',
      '"ls -l" shows the mode of key.pem: only its owner may read it (0600).',
    ],
    fault: 'The private key could be read by everybody on the laptop (mode 0644).',
    expectedCheck: 'key-file',
    async plant({ keyFile }) {
      chmodSync(keyFile, 0o644)
    },
    async solve({ keyFile }) {
      chmodSync(keyFile, 0o600)
    },
  },
  {
    id: 'key-lost',
    level: 'hard',
    symptom: 'I tidied up my disk. The site still works, but I can’t log in to the server any more.',
    hints: [
      'What does somebody who logs in need to have on the laptop?',
      'AWS keeps only the public half of a key pair, and nobody can compute the private one from it.',
      'The private key is gone. Without a copy, another server with another key is the way: the database stays.',
    ],
    fault: 'The file of the private key was gone.',
    expectedCheck: 'key-file',
    async plant({ keyFile }) {
      renameSync(keyFile, `${keyFile}.lost`)
    },
    async solve({ keyFile }) {
      const lost = `${keyFile}.lost`
      if (!existsSync(keyFile) && existsSync(lost)) renameSync(lost, keyFile)
    },
  },
  {
    id: 'address-moved',
    level: 'medium',
    symptom: 'Yesterday at home all was well. Now, on the campus network, SSH hangs; the site opens as ever.',
    hints: [
      'What is different about the laptop here?',
      'The site is open to everyone, SSH is not. To whom?',
      'The rule for port 22 names the address that you had at home. "flasklab practice laptop" shows the present one.',
    ],
    fault: 'The laptop had moved to another address, and the rule for SSH named the former one.',
    expectedCheck: 'ssh-ingress',
    async prepare({ laptop }) {
      return { address: (await laptop.about()).laptop.address }
    },
    async plant({ laptop }, { address = '' }) {
      const [, last = '0'] = /\.(\d+)$/.exec(address) ?? []
      await laptop.changeLaptop({ address: `203.0.113.${(Number(last) % 200) + 21}` })
    },
    async solve({ laptop }, { address = '' }) {
      await laptop.changeLaptop({ address })
    },
  },
  {
    id: 'credentials-expired',
    level: 'easy',
    symptom:
      'After the lunch break every "aws" command fails: something has expired, it says. The site still works.',
    hints: [
      'Who does AWS think that you are?',
      'Credentials of a lab session end after some hours; nothing that was made is lost by it.',
      '"aws sts get-caller-identity" says ExpiredToken: the laptop needs fresh credentials ("flasklab practice laptop" has a flag for that).',
    ],
    fault:
      'The laptop’s credentials had expired. A shell with the former ones needs eval "$(flasklab practice env)" again.',
    expectedCheck: 'credentials',
    async plant({ laptop }) {
      await laptop.changeLaptop({ credentials: 'expired' })
    },
    async solve({ laptop }) {
      if ((await laptop.about()).laptop.credentials === 'expired') await laptop.replaceKey()
    },
  },
  {
    id: 'clock-fast',
    level: 'medium',
    symptom:
      'My laptop’s battery was empty. Since then every "aws" command fails; "aws sts get-caller-identity" speaks of the signature. My keys are the right ones!',
    hints: [
      'The keys are right. What else goes into a signature?',
      'Every request carries the time at which it was signed, and AWS compares that with its own.',
      'The laptop’s clock is 20 minutes off: set it by the network ("flasklab practice laptop" has a flag for that).',
    ],
    fault: 'The laptop’s clock was 20 minutes fast.',
    expectedCheck: 'clock',
    async plant({ laptop }) {
      await laptop.changeLaptop({ clockOffsetMs: 20 * MINUTE_MS })
    },
    async solve({ laptop }) {
      await laptop.changeLaptop({ clockOffsetMs: 0 })
    },
  },
]
