import { handout } from '../lab/lab.ts'
import type { Drill, Memo } from './drill.ts'
import { type DrillContext, typed } from './drill-context.ts'

const { project, service, sitePort } = handout
const ENV = `~/${project}/.env`
/** Where the drills keep what they have moved away. */
const ASIDE = '~/.moved'

export const appDrills: readonly Drill[] = [
  envDrill({
    id: 'env-host-typo',
    level: 'easy',
    symptom: 'I only looked at the settings with nano, honestly. Since then nobody can register.',
    hints: [
      'Looking with an editor can be more than looking.',
      'The app reads where its database is from ~/FlaskLoginApp/.env.',
      'RDS_HOST has a typing error.',
    ],
    fault: 'RDS_HOST in ~/FlaskLoginApp/.env had a typing error.',
    expectedCheck: 'app-env',
    edit: `s/^RDS_HOST="\\(.*\\)"$/RDS_HOST="\\1x"/`,
  }),
  envDrill({
    id: 'env-password',
    level: 'medium',
    symptom: 'On the server "mysql" works, with the same user. The app says that it can’t log in.',
    hints: [
      'Two programs, one user, and only one is let in. What differs?',
      'mysql reads ~/.my.cnf, the app reads ~/FlaskLoginApp/.env.',
      'RDS_PASSWORD in .env is not the password of flaskapp.',
    ],
    fault: 'RDS_PASSWORD in ~/FlaskLoginApp/.env was another password.',
    expectedCheck: 'app-env',
    edit: 's/^RDS_PASSWORD=.*$/RDS_PASSWORD="correct-horse"/',
  }),
  envDrill({
    id: 'env-other-database',
    level: 'medium',
    symptom:
      'We "only made the names consistent" in the settings. Every page with a form fails at its button.',
    hints: [
      'Which names can be chosen, and which ones name something that is there?',
      'Compare the settings in ~/FlaskLoginApp/.env with SHOW DATABASES.',
      'RDS_DB names flaskdb-instance. That is the RDS instance; the database in it is flaskdb.',
    ],
    fault: 'RDS_DB in ~/FlaskLoginApp/.env named the RDS instance instead of the database in it.',
    expectedCheck: 'app-env',
    edit: 's/^RDS_DB=.*$/RDS_DB="flaskdb-instance"/',
  }),
  {
    id: 'env-lost',
    level: 'easy',
    symptom: 'After "rm" with a star, and a restart, the browser says: connection refused.',
    hints: [
      'What did the star match?',
      'The journal of the service says what it looks for ("flasklab logs").',
      'The settings ~/FlaskLoginApp/.env are gone.',
    ],
    fault: 'The settings ~/FlaskLoginApp/.env had been deleted.',
    expectedCheck: 'app-env',
    prepare: readEnv,
    plant: typed(`rm ${ENV}; sudo systemctl restart ${service}`),
    solve: putEnvBack,
  },
  envDrill({
    id: 'app-on-loopback',
    level: 'medium',
    symptom:
      'On the server "curl http://localhost:5000" shows the page. The browser says: connection refused.',
    hints: [
      'Refused is not a timeout: the packets arrive.',
      'On which address does the app listen? "ss -ltn" on the server shows it.',
      'It listens on 127.0.0.1 only: HOST in ~/FlaskLoginApp/.env.',
    ],
    fault: 'The app listened on 127.0.0.1 only (HOST in ~/FlaskLoginApp/.env).',
    expectedCheck: 'app-listen',
    edit: 's/^HOST=.*$/HOST="127.0.0.1"/',
  }),
  envDrill({
    id: 'app-other-port',
    level: 'medium',
    symptom: 'The service is active and its journal is clean. The browser says: connection refused.',
    hints: [
      'The packets arrive, and nobody is there. Is somebody elsewhere?',
      '"ss -ltn" on the server shows which ports are listened on.',
      'The app listens on 8080: PORT in ~/FlaskLoginApp/.env.',
    ],
    fault: 'The app listened on port 8080 (PORT in ~/FlaskLoginApp/.env).',
    expectedCheck: 'app-listen',
    edit: 's/^PORT=.*$/PORT="8080"/',
  }),
  {
    id: 'service-stopped',
    level: 'easy',
    symptom: 'SSH works. The browser says: connection refused.',
    hints: [
      'The server is on, and the packets arrive.',
      'Who serves the page? systemd knows how it fares.',
      'The service flasklogin is not running.',
    ],
    fault: 'The service flasklogin had been stopped.',
    expectedCheck: 'app-service',
    plant: typed(`sudo systemctl stop ${service}`),
    solve: enableService,
  },
  {
    id: 'service-disabled',
    level: 'hard',
    symptom: 'The site works now. But after each restart of the server somebody has to start it by hand.',
    hints: [
      'Running and being started by itself are two things.',
      '"systemctl is-enabled" tells about the second one.',
      'The service flasklogin is disabled.',
    ],
    fault: 'The service flasklogin had been disabled: it ran, and would not have come back after a restart.',
    expectedCheck: 'app-service',
    plant: typed(`sudo systemctl disable ${service}`),
    solve: enableService,
  },
  {
    id: 'pages-deleted',
    level: 'medium',
    symptom:
      'I deleted "some old templates". The start page still opens, other pages say: Something went wrong.',
    hints: [
      'What are the pages made of?',
      'Compare ~/FlaskLoginApp on the server with phase 3.',
      'Files of ~/FlaskLoginApp/templates are gone.',
    ],
    fault: 'The files of two pages in ~/FlaskLoginApp/templates had been deleted.',
    expectedCheck: 'app-files',
    ...spoiledProject('templates', 'rm templates/welcome.html templates/success.html'),
  },
  {
    id: 'dependencies-deleted',
    level: 'medium',
    symptom:
      'To make room I deleted a huge folder that I had never made. After a restart: connection refused.',
    hints: [
      'Who makes huge folders, if not you?',
      'The journal of the service says what it can’t find ("flasklab logs").',
      'The app’s dependencies, node_modules, are gone.',
    ],
    fault: 'The app’s dependencies (node_modules) had been deleted.',
    expectedCheck: 'app-files',
    ...spoiledProject('node_modules', 'rm -r node_modules'),
  },
  {
    id: 'app-not-restarted',
    level: 'hard',
    symptom:
      'The database password in .env was wrong. I have corrected it, it is right now. Logging in still fails!',
    hints: [
      'The file is right, and the app does not know.',
      'When does a program read its environment?',
      'The app runs with the settings that it was started with. Restart it.',
    ],
    fault: 'The app still ran with former settings: nobody had restarted it after .env was corrected.',
    expectedCheck: 'app-health',
    prepare: readEnv,
    async plant(context) {
      await context.onServer(
        `sed -i.bak 's/^RDS_PASSWORD=.*$/RDS_PASSWORD="not-any-more"/' ${ENV}; sudo systemctl restart ${service}; mv ${ENV}.bak ${ENV}`,
      )
      await appAnswers(context)
    },
    solve: putEnvBack,
  },
  codeDrill({
    id: 'start-page-moved',
    level: 'hard',
    symptom: 'The address that we gave to everybody shows "Page not found". /login works.',
    hints: [
      'The server answers, and so does the app.',
      'Which addresses the app knows is written in app.js.',
      'The route of the start page in app.js is no longer "/".',
    ],
    fault: 'In app.js the route of the start page had been changed.',
    expectedCheck: 'site-reachable',
    edit: `s|app.get('/', |app.get('/start', |`,
  }),
  codeDrill({
    id: 'password-check-broken',
    level: 'hard',
    symptom: 'Registering works. Then it says "Invalid Username or Password", whatever I do.',
    hints: [
      'The row is in the table. Who says no?',
      'The app itself compares the password with the hash.',
      'The code in users.js was changed: put the original project back.',
    ],
    fault: 'In users.js the check of the password had been turned around.',
    expectedCheck: 'login-works',
    edit: 's/await verifyPassword(/!await verifyPassword(/',
  }),
]

interface Edited extends Omit<Drill, 'plant' | 'solve'> {
  /** For sed. */
  readonly edit: string
}

function envDrill({ edit, ...drill }: Edited): Drill {
  return {
    ...drill,
    prepare: readEnv,
    plant: typed(`sed -i.bak '${edit}' ${ENV} && rm ${ENV}.bak; sudo systemctl restart ${service}`),
    solve: putEnvBack,
  }
}

async function readEnv(context: DrillContext): Promise<Memo> {
  return { env: await context.onServer(`cat ${ENV}`) }
}

async function putEnvBack(context: DrillContext, { env = '' }: Memo): Promise<void> {
  await context.onServer(`umask 077; cat >${ENV}; rm -f ${ENV}.bak; sudo systemctl restart ${service}`, env)
  await appAnswers(context)
}

function codeDrill({ edit, ...drill }: Edited): Drill {
  const { plant, ...rest } = spoiledProject('app.js users.js', `sed -i "${edit}" app.js users.js`)
  return {
    ...drill,
    ...rest,
    async plant(context, memo) {
      await plant(context, memo)
      await appAnswers(context)
    },
  }
}

/** Spoils these parts of the project by a command that is typed in it; a copy of them lies aside. */
function spoiledProject(parts: string, spoil: string): Pick<Drill, 'prepare' | 'plant' | 'solve'> {
  return {
    async prepare(context) {
      await context.onServer(
        `rm -rf ${ASIDE} && mkdir ${ASIDE} && cd ~/${project} && cp -a --parents ${parts} ${ASIDE}`,
      )
      return {}
    },
    plant: typed(`cd ~/${project} && ${spoil}; sudo systemctl restart ${service}`),
    async solve(context) {
      await context.onServer(
        `if [ -d ${ASIDE} ]; then cp -a ${ASIDE}/. ~/${project}/ && rm -rf ${ASIDE}; fi; sudo systemctl restart ${service}`,
      )
      await appAnswers(context)
    },
  }
}

async function enableService(context: DrillContext): Promise<void> {
  await context.onServer(`sudo systemctl enable --now ${service}`)
  await appAnswers(context)
}

/** Waits until the app answers: a report of it that comes sooner would be of its start. */
export function appAnswers(context: DrillContext): Promise<void> {
  const ask = `node-22 -e "fetch('http://127.0.0.1:${sitePort}/').catch(() => process.exit(1))"`
  return context.until('the app answers', () =>
    context.onServer(ask).then(
      () => true,
      () => false,
    ),
  )
}
