import { dirname } from 'node:path'
import { chain, flasklab, move, program, set } from '../lab/command.ts'
import { type Finding, LabError } from '../lab/finding.ts'
import type { Trouble } from '../practice/trouble.ts'

/** Does something on the practice cloud; what keeps it from that is told as findings are. */
export async function onPractice<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    throw asLabError(error)
  }
}

function asLabError(error: unknown): unknown {
  // By its name: to load the practice cloud for its class alone would cost every command time.
  if (!(error instanceof Error) || error.name !== 'PracticeTrouble') return error
  const { trouble } = error as Error & { readonly trouble: Trouble }
  const code = trouble.kind === 'no-answer' ? ({ code: 'no-connection' } as const) : {}
  return new LabError(findingOf(trouble), { cause: error.cause, ...code })
}

const OTHER_HOME = set({ FLASKLAB_HOME: { inHome: '.flasklab' } })

export function findingOf(trouble: Trouble): Finding {
  switch (trouble.kind) {
    case 'path-too-long':
    case 'no-folder':
    case 'sockets-exposed':
      return ofFolder(trouble)
    case 'damaged-file':
    case 'newer-file':
      return ofFile(trouble)
    case 'posix-needed':
      return {
        what: 'The practice cloud needs a POSIX system.',
        why: 'Its servers run a real shell, which Windows itself does not have.',
        remedy: {
          say: 'Run flasklab inside WSL 2; the lab on AWS works from Windows as it is.',
          run: [program('wsl', '--install')],
        },
      }
    case 'engine-missing':
      return {
        what: 'The practice cloud needs MariaDB, which this machine does not have.',
        why: trouble.why,
        remedy: {
          say: 'Install it, then run the same command again.',
          run: [chain(...trouble.install.map((words) => program(...words)))],
        },
      }
    default:
      return ofProcess(trouble)
  }
}

type Of<Kind extends Trouble['kind']> = Extract<Trouble, { readonly kind: Kind }>

function ofProcess(trouble: Of<'port-used' | 'not-started' | 'out-of-reach' | 'no-answer'>): Finding {
  switch (trouble.kind) {
    case 'port-used':
      return {
        what: `The practice cloud cannot start: port ${trouble.port} on 127.0.0.1 is used by another program.`,
        why: 'Its ports are chosen once and kept, since shells and files hold them.',
        remedy: {
          say: `End the program that holds port ${trouble.port} (the command shows it), then run it again.`,
          run: [program('lsof', '-nP', `-iTCP:${trouble.port}`, '-sTCP:LISTEN')],
        },
      }
    case 'not-started':
      return {
        what: `The practice cloud cannot start: ${trouble.why}.`,
        remedy: { say: 'Its log tells more.', run: [program('tail', '-n', '20', trouble.logFile)] },
      }
    case 'out-of-reach':
      return {
        what: `The practice cloud of this folder runs (process ${trouble.pid}), but can’t be reached.`,
        why: 'Either it hangs, or the file with its port and key (service.json) is no longer its own.',
        remedy: { say: 'Stop it, then run it again.', run: [flasklab('practice stop')] },
      }
    case 'no-answer':
      return {
        what: 'The practice cloud has stopped, or does not answer.',
        why: `${trouble.why}. Its contents lie on the disk, and nothing is lost.`,
        remedy: { say: 'Going on starts it again.', run: [flasklab('up')] },
      }
  }
}

function ofFolder(trouble: Of<'path-too-long' | 'no-folder' | 'sockets-exposed'>): Finding {
  switch (trouble.kind) {
    case 'path-too-long':
      return {
        what: `The folder that flasklab keeps its files in has too long a path (${trouble.bytes} bytes).`,
        why: `The practice cloud's database server takes up to ${trouble.most} bytes: ${trouble.root}.`,
        remedy: { say: 'Choose another one.', run: [OTHER_HOME] },
      }
    case 'no-folder':
      return {
        what: `The practice cloud can’t make its folder ${trouble.folder}.`,
        why: `${trouble.why}.`,
        remedy: {
          say: 'Look at what is there; or have flasklab keep its files in another folder.',
          run: [
            program('ls', '-ld', trouble.folder, dirname(trouble.folder)),
            set({ FLASKLAB_HOME: '/some/folder' }),
          ],
        },
      }
    case 'sockets-exposed':
      return {
        what: `The practice cloud can’t trust the folder for its sockets: ${trouble.folder}.`,
        why: trouble.isOurs
          ? 'Others on this machine may open it, and with it the servers and databases.'
          : 'It is not a folder that you have made: somebody else may listen there.',
        remedy: trouble.isOurs
          ? { say: 'Keep it to yourself.', run: [program('chmod', '700', trouble.folder)] }
          : { say: 'Have it removed; or give flasklab a home with a shorter path.', run: [OTHER_HOME] },
      }
  }
}

function ofFile(trouble: Of<'damaged-file' | 'newer-file'>): Finding {
  if (trouble.kind === 'newer-file') {
    return {
      what: `The practice cloud of this folder is of a newer flasklab: ${trouble.file}.`,
      why: 'This one could misread it, and would write over what it does not know.',
      remedy: { say: 'Use the flasklab that made it.' },
    }
  }
  const { file, holds, why, withoutIt } = trouble
  return {
    what: `The practice cloud can’t use the file with ${holds}: ${file}.`,
    why: `${why}.`,
    remedy: {
      say: `Put the file right, or move it away: ${withoutIt}.`,
      run: [flasklab('practice stop'), move(file, `${file}.damaged`)],
    },
  }
}
