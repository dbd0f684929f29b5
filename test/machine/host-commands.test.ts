import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  askHealth,
  inspectHost,
  inspectProject,
  inspectService,
  installPackages,
  installProject,
  journal,
  parseHost,
  probeDatabase,
  readHealth,
  restartService,
  runSql,
  waitForFirstBoot,
  writeEnvFile,
  writeMysqlOptions,
  writeUnit,
} from '../../src/host/commands.ts'
import { inspectSchemaSql, schemaSql } from '../../src/host/schema-sql.ts'
import { Secret } from '../../src/lab/secret.ts'
import { packProject } from '../../src/remote/tarball.ts'
import { startMariadb, type TestDatabase } from '../support/mariadb.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Prints the properties of a service as `systemctl show` does. */
const serviceIs = (unitFile: string, active: string) =>
  `printf '%s\\n' MainPID=7 ActiveState=${active} UnitFileState=${unitFile}`

/** A server's home folder, with programs of its own in front of the machine's. */
function openHome() {
  const folder = tempFolder()
  const home = join(folder.path, 'home')
  const programs = join(folder.path, 'programs')
  mkdirSync(home)
  mkdirSync(programs)
  const begin = (command: string, path = `${programs}:${process.env['PATH']}`) =>
    spawn('bash', ['-c', command], {
      cwd: home,
      detached: true,
      env: { HOME: home, PATH: path, OUT: folder.path },
    })
  return {
    home,
    out: folder.path,
    begin,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
    program(name: string, ...lines: string[]) {
      writeFileSync(join(programs, name), ['#!/bin/bash', ...lines, ''].join('\n'))
      chmodSync(join(programs, name), 0o755)
    },
    async run(command: string, stdin: string | Buffer = '', path?: string): Promise<Ran> {
      return finish(begin(command, path), stdin)
    },
    read: (...path: string[]) => readFileSync(join(home, ...path), 'utf8'),
    modeOf: (...path: string[]) => (statSync(join(home, ...path)).mode & 0o777).toString(8),
  }
}

async function finish(child: ReturnType<typeof spawn>, stdin: string | Buffer): Promise<Ran> {
  const { stdin: input, stdout, stderr } = child
  if (!input || !stdout || !stderr) throw new Error('The shell has no streams.')
  input.on('error', () => {})
  input.end(stdin)
  const [said, complained] = await Promise.all([buffer(stdout), buffer(stderr), once(child, 'close')])
  return { code: child.exitCode, stdout: said.toString(), stderr: complained.toString() }
}

/** As sshd ends what a lost connection left behind; the whole group, since bash waits for its children. */
function kill({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL')
}

const packageFiles = { 'package.json': '{}', 'package-lock.json': '{}' }

function archive(files: Readonly<Record<string, string>>): Promise<Buffer> {
  return packProject(
    Object.entries({ ...packageFiles, ...files }).map(([path, content]) => ({ path, content })),
  )
}

/** Version 1, at work until there is a file `go`. */
async function beginSlowly(host: ReturnType<typeof openHome>) {
  host.program(
    'npm-22',
    'mkdir -p node_modules',
    'echo >>"$OUT/begun"',
    'until test -e "$OUT/go"; do sleep 0.05; done',
  )
  const first = host.begin(installProject('1'))
  first.stdin.end(await archive({ 'app.js': '1' }))
  await until('the first is at work', () => existsSync(join(host.out, 'begun')))
  return first
}

describe('installing the project', () => {
  const npm = ['echo "$@" >"$OUT/npm-words"', 'mkdir -p node_modules/dep', 'echo "npm was here"']

  test('it is unpacked, its dependencies are installed, and it tells its digest', async () => {
    using host = openHome()
    host.program('npm-22', ...npm)
    const ran = await host.run(
      installProject('abc123'),
      await archive({ 'app.js': '1', 'views/a.html': 'a' }),
    )
    expect(ran).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(readdirSync(join(host.home, 'FlaskLoginApp')).toSorted()).toEqual(
      ['.flasklab-digest', 'app.js', 'node_modules', 'package-lock.json', 'package.json', 'views'].toSorted(),
    )
    expect(await host.run(inspectProject)).toEqual({ code: 0, stdout: 'abc123', stderr: '' })
    expect(readFileSync(join(host.out, 'npm-words'), 'utf8')).toBe(
      'ci --omit=dev --ignore-scripts --no-audit --no-fund\n',
    )
    expect(host.read('flasklab-npm.log')).toBe('npm was here\n')
  })

  test('the app’s throw-away user can read all of it, under any umask of the login', async () => {
    using host = openHome()
    host.program('npm-22', ...npm)
    await host.run(`umask 077; ${installProject('a')}`, await archive({ 'app.js': '1', 'views/a.html': 'a' }))
    expect(
      ['', 'app.js', 'views', 'views/a.html', 'node_modules'].map((path) =>
        host.modeOf('FlaskLoginApp', path),
      ),
    ).toEqual(['755', '644', '755', '644', '755'])
  })

  test('a new version takes the place of the old one, which is kept', async () => {
    using host = openHome()
    host.program('npm-22', ...npm)
    for (const version of ['1', '2', '3'])
      expect((await host.run(installProject(version), await archive({ 'app.js': version }))).code).toBe(0)
    expect(host.read('FlaskLoginApp', 'app.js')).toBe('3')
    expect(host.read('FlaskLoginApp.old', 'app.js')).toBe('2')
    expect(existsSync(join(host.home, 'FlaskLoginApp.new'))).toBe(false)
  })

  test('interrupted half-way, the old project is whole; the next run goes through', async () => {
    using host = openHome()
    host.program('npm-22', ...npm)
    await host.run(installProject('1'), await archive({ 'app.js': '1' }))
    host.program('npm-22', 'mkdir node_modules', 'touch "$OUT/begun"', 'exec sleep 60')
    const shell = host.begin(installProject('2'))
    shell.stdin.end(await archive({ 'app.js': '2' }))
    await until('npm has begun', () => existsSync(join(host.out, 'begun')))
    expect(await host.run(inspectProject)).toEqual({ code: 0, stdout: '1', stderr: '' })
    kill(shell)
    await once(shell, 'close')
    expect(await host.run(inspectProject)).toEqual({ code: 0, stdout: '1', stderr: '' })
    expect(host.read('FlaskLoginApp', 'app.js')).toBe('1')
    host.program('npm-22', ...npm)
    expect((await host.run(installProject('2'), await archive({ 'app.js': '2' }))).code).toBe(0)
    expect((await host.run(inspectProject)).stdout).toBe('2')
  })

  test.each([
    ['the archive is cut off', '', (whole: Buffer) => whole.subarray(0, whole.length / 2)],
    ['npm fails', 'echo "npm error ENOSPC"; exit 1', (whole: Buffer) => whole],
  ])('when %s, it fails and the old project stays', async (_, broken, cut) => {
    using host = openHome()
    host.program('npm-22', ...npm)
    await host.run(installProject('1'), await archive({ 'app.js': '1' }))
    if (broken) host.program('npm-22', broken)
    const { code, stderr } = await host.run(
      installProject('2'),
      cut(await archive({ 'app.js': '2'.repeat(9_000) })),
    )
    expect(code).not.toBe(0)
    expect(stderr).not.toBe('')
    expect(await host.run(inspectProject)).toEqual({ code: 0, stdout: '1', stderr: '' })
  })

  test('the last words of npm are told when it fails', async () => {
    using host = openHome()
    host.program('npm-22', 'seq 1 30', 'echo "npm error ENOSPC"', 'exit 1')
    const { code, stderr } = await host.run(installProject('1'), await archive({ 'app.js': '1' }))
    expect({ code, lines: stderr.trimEnd().split('\n') }).toEqual({
      code: 1,
      lines: [...Array.from({ length: 19 }, (__, index) => `${index + 12}`), 'npm error ENOSPC'],
    })
  })

  test('a second run waits for one that is still at work', async () => {
    using host = openHome()
    const first = await beginSlowly(host)
    const second = host.run(installProject('2'), await archive({ 'app.js': '2' }))
    writeFileSync(join(host.out, 'go'), '')
    expect((await second).code).toBe(0)
    expect(first.exitCode).toBe(0)
    expect(host.read('FlaskLoginApp.old', 'app.js')).toBe('1')
    expect(host.read('FlaskLoginApp', 'app.js')).toBe('2')
  })

  test('one that waits ends with its connection, and what it was to install never is', async () => {
    using host = openHome()
    const first = await beginSlowly(host)
    for (const command of [installProject('2'), writeEnvFile]) {
      const second = host.begin(command)
      second.stdin.end(await archive({ 'app.js': '2' }))
      await once(second.stderr, 'data')
      second.stdout.destroy()
      second.stderr.destroy()
      await once(second, 'exit')
    }
    writeFileSync(join(host.out, 'go'), '')
    await once(first, 'close')
    expect(readFileSync(join(host.out, 'begun'), 'utf8')).toBe('\n')
    expect(host.read('FlaskLoginApp', 'app.js')).toBe('1')
    expect(existsSync(join(host.home, 'FlaskLoginApp', '.env'))).toBe(false)
  })

  test('settings and unit outlive a new version, and no other file does', async () => {
    using host = openHome()
    host.program('npm-22', ...npm)
    await host.run(installProject('1'), await archive({ 'app.js': '1' }))
    await host.run(writeEnvFile, 'A="1"\n')
    await host.run(writeUnit, '[Unit]\n')
    await host.run('echo mine >FlaskLoginApp/notes')
    expect((await host.run(installProject('2'), await archive({ 'app.js': '2' }))).code).toBe(0)
    expect(host.read('FlaskLoginApp', '.env')).toBe('A="1"\n')
    expect(host.modeOf('FlaskLoginApp', '.env')).toBe('600')
    expect(host.read('FlaskLoginApp', 'flasklogin.service')).toBe('[Unit]\n')
    expect(existsSync(join(host.home, 'FlaskLoginApp', 'notes'))).toBe(false)
  })

  test('a service that runs the version before is not found to run: it is to be restarted', async () => {
    using host = openHome()
    host.program('npm-22', ...npm)
    host.program('sudo', 'exit 0')
    host.program('systemctl', serviceIs('enabled', 'active'))
    for (const version of ['1', '2']) {
      await host.run(installProject(version), await archive({ 'app.js': version }))
      expect((await host.run(inspectService)).code).not.toBe(0)
      await host.run(writeEnvFile, 'A="1"\n')
      await host.run(writeUnit, '[Unit]\n')
      expect((await host.run(restartService)).code).toBe(0)
      expect((await host.run(inspectService)).code).toBe(0)
    }
  })

  test('the settings are written behind an installing that is still at work', async () => {
    using host = openHome()
    host.program('npm-22', ...npm, 'touch "$OUT/begun"', 'until test -e "$OUT/go"; do sleep 0.05; done')
    mkdirSync(join(host.home, 'FlaskLoginApp'))
    const first = host.begin(installProject('1'))
    first.stdin.end(await archive({ 'app.js': '1' }))
    await until('npm has begun', () => existsSync(join(host.out, 'begun')))
    const written = host.run(writeEnvFile, 'A="1"\n')
    writeFileSync(join(host.out, 'go'), '')
    expect((await written).code).toBe(0)
    expect(first.exitCode).toBe(0)
    expect(host.read('FlaskLoginApp', '.env')).toBe('A="1"\n')
  })

  test.each([
    ['there is none', []],
    ['a file is missing', ['app.js']],
    ['its dependencies are missing', ['node_modules']],
    ['it was never complete', ['.flasklab-digest']],
  ])('it is not there when %s', async (_, missing) => {
    using host = openHome()
    if (missing.length > 0) {
      host.program('npm-22', ...npm)
      await host.run(installProject('1'), await archive({ 'app.js': '1' }))
      for (const name of missing) await host.run(`rm -r FlaskLoginApp/${name}`)
    }
    expect((await host.run(inspectProject)).code).not.toBe(0)
  })
})

describe('probing the database', () => {
  const servers: Server[] = []
  const sockets: Socket[] = []
  afterAll(() => {
    for (const socket of sockets) socket.destroy()
    for (const server of servers) server.close()
  })

  async function listen(greet: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => {})
      greet(socket)
    })
    servers.push(server)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('It has no port.')
    return address.port
  }

  async function probe(port: number, path?: string): Promise<Ran & { readonly ms: number }> {
    using host = openHome()
    const since = Date.now()
    const ran = await host.run(probeDatabase({ host: '127.0.0.1', port }), '', path)
    return { ...ran, ms: Date.now() - since }
  }

  // The first bytes of a MySQL greeting: its length, its number, the protocol, the version.
  const greeting = Buffer.from([0x0a, 0x00, 0x00, 0x00, 0x0a, ...Buffer.from('8.4.6\0')])

  test('a server that greets answers', async () => {
    const port = await listen((socket) => void socket.write(greeting))
    expect((await probe(port)).code).toBe(0)
  })

  test('a server that greets late answers too', async () => {
    const port = await listen((socket) => void setTimeout(() => socket.write(greeting), 300))
    expect((await probe(port)).code).toBe(0)
  })

  test('a server that hangs up without a word does not', async () => {
    const port = await listen((socket) => socket.end())
    expect((await probe(port)).code).not.toBe(0)
  })

  test('a closed port does not, and at once', async () => {
    const port = await listen(() => {})
    const server = servers.at(-1)
    await new Promise((resolve) => server?.close(resolve))
    const { code, ms } = await probe(port)
    expect(code).not.toBe(0)
    expect(ms).toBeLessThan(3_000)
  })

  test.concurrent('a server that stays silent does not, after five seconds', async () => {
    const { code, ms } = await probe(await listen(() => {}))
    expect(code).not.toBe(0)
    expect(ms).toBeGreaterThan(4_000)
    expect(ms).toBeLessThan(9_000)
  })

  test.concurrent('on a machine without "timeout" it works all the same', async () => {
    using tools = tempFolder()
    copyFileSync('/bin/bash', join(tools.path, 'bash'))
    const greeted = await probe(await listen((socket) => void socket.write(greeting)), tools.path)
    expect(greeted).toMatchObject({ code: 0, stderr: '' })
    const silent = await probe(await listen(() => {}), tools.path)
    expect(silent.code).not.toBe(0)
    expect(silent.ms).toBeLessThan(9_000)
  })
})

describe('running SQL', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await startMariadb()
    await database.query(
      "CREATE USER admin@'%' IDENTIFIED BY 'masterPassword1'; GRANT ALL ON *.* TO admin@'%' WITH GRANT OPTION",
    )
  })
  afterAll(() => database?.remove())

  function openHost(caFile: string) {
    const host = openHome()
    mkdirSync(join(host.home, 'FlaskLoginApp'))
    copyFileSync(caFile, join(host.home, 'FlaskLoginApp', 'rds-ca.pem'))
    return host
  }

  test('the password is in no process’s words or environment, and in no file', async () => {
    using host = openHome()
    host.program(
      'mysql',
      `tr '\\0' '\\n' </proc/$$/cmdline >"$OUT/words"`,
      `tr '\\0' '\\n' </proc/$$/environ >"$OUT/environment"`,
      'for pid in /proc/[0-9]*; do tr "\\0" " " <$pid/cmdline; done >"$OUT/everybody" 2>/dev/null',
      `cat "\${1#--defaults-file=}" >"$OUT/options"`,
      'cat >"$OUT/sql"',
      'ls -RA "$HOME" >"$OUT/files"',
    )
    const command = runSql({ host: 'db.example', port: 3306 }, 'admin', 'flaskdb')
    expect((await host.run(command, 'S3cretS3cret\nSELECT 1;\n')).code).toBe(0)
    const said = (name: string) => readFileSync(join(host.out, name), 'utf8')
    expect(said('options')).toBe('[client]\npassword="S3cretS3cret"\n')
    expect(said('sql')).toBe('SELECT 1;\n')
    for (const name of ['words', 'environment', 'everybody']) expect(said(name)).not.toContain('S3cretS3cret')
    expect(said('files')).toBe(`${host.home}:\n`)
    expect(said('words').split('\n').slice(2, -1)).toEqual([
      expect.stringMatching(/^--defaults-file=\/dev\/fd\/\d+$/),
      '--protocol=tcp',
      '--host=db.example',
      '--port=3306',
      '--user=admin',
      `--ssl-ca=${host.home}/FlaskLoginApp/rds-ca.pem`,
      '--ssl-verify-server-cert',
      '--connect-timeout=10',
      '--default-character-set=utf8mb4',
      '--batch',
      'flaskdb',
    ])
  })

  test('without a password line nothing is run', async () => {
    using host = openHome()
    host.program('mysql', 'touch "$OUT/run"')
    expect((await host.run(runSql({ host: 'h', port: 1 }, 'admin'))).code).not.toBe(0)
    expect(existsSync(join(host.out, 'run'))).toBe(false)
  })

  test('phase 6 runs against a real server, again and again, and replaces an old password', async () => {
    using host = openHost(database.caFile)
    const schema = readFileSync(new URL('../../sql/schema.sql', import.meta.url), 'utf8')
    const asMaster = runSql(database, 'admin')
    const asApp = runSql(database, 'flaskapp', 'flaskdb')
    // The options that phase 6 leaves there for the student must not win over ours.
    await host.run(writeMysqlOptions, '[client]\nuser=somebody\npassword=wrong\n')
    for (const password of ['first', 'first', 'second']) {
      const sql = schemaSql(schema, new Secret(password))
      expect(await host.run(asMaster, `masterPassword1\n${sql}`)).toEqual({ code: 0, stdout: '', stderr: '' })
      expect(await host.run(asApp, `${password}\n${inspectSchemaSql}`)).toMatchObject({ code: 0, stderr: '' })
    }
    expect((await host.run(asApp, `first\n${inspectSchemaSql}`)).stderr).toMatch(/^ERROR 1045/m)
    const asAppOn = async (sql: string) => (await host.run(asApp, `second\n${sql}\n`)).stderr
    expect(await asAppOn("INSERT INTO users (name, password_hash) VALUES ('a', 'h');")).toBe('')
    expect(await asAppOn("UPDATE users SET password_hash = 'i';")).toBe('')
    expect(await asAppOn("UPDATE users SET name = 'b';")).toMatch(/^ERROR 1143/m)
    expect(await asAppOn('DELETE FROM users;')).toMatch(/^ERROR 1142/m)
    expect(await asAppOn('DROP TABLE users;')).toMatch(/^ERROR 1142/m)
  })

  test('the look at the schema writes nothing, and fails where a right of the app is missing', async () => {
    using host = openHost(database.caFile)
    const schema = readFileSync(new URL('../../sql/schema.sql', import.meta.url), 'utf8')
    const made = schemaSql(schema, new Secret('appPassword1'))
    await host.run(runSql(database, 'admin'), `masterPassword1\n${made}`)
    const look = async () =>
      (await host.run(runSql(database, 'flaskapp', 'flaskdb'), `appPassword1\n${inspectSchemaSql}`)).stderr
    const rows = () => database.query('SELECT * FROM flaskdb.users')
    const before = await rows()
    expect(await look()).toBe('')
    expect(await rows()).toEqual(before)
    await database.query("REVOKE INSERT ON flaskdb.users FROM flaskapp@'%'")
    expect(await look()).toMatch(/^ERROR 1142 .*INSERT command denied/m)
    await database.query("GRANT INSERT ON flaskdb.users TO flaskapp@'%'")
    await database.query("REVOKE UPDATE (password_hash) ON flaskdb.users FROM flaskapp@'%'")
    expect(await look()).toMatch(/^ERROR 114\d .*UPDATE command denied/m)
  })

  test('without the table, the look at the schema fails', async () => {
    using host = openHost(database.caFile)
    await database.query('CREATE DATABASE IF NOT EXISTS bare')
    const { code, stderr } = await host.run(
      runSql(database, 'admin', 'bare'),
      `masterPassword1\n${inspectSchemaSql}`,
    )
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^ERROR 1146/m) })
  })

  test('a server whose certificate is for another name is refused', async () => {
    const other = await startMariadb('db.example')
    try {
      await other.query("CREATE USER admin@'%' IDENTIFIED BY 'masterPassword1'")
      using host = openHost(other.caFile)
      const { code, stderr } = await host.run(runSql(other, 'admin'), 'masterPassword1\nSELECT 1;\n')
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/ERROR 2026.*certificate/) })
    } finally {
      await other.remove()
    }
  })

  test('a server whose certificate another authority has signed is refused', async () => {
    using host = openHost(new URL('../../app-template/package.json', import.meta.url).pathname)
    const { code, stderr } = await host.run(runSql(database, 'admin'), 'masterPassword1\nSELECT 1;\n')
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/SSL/) })
  })
})

describe('the files that phase 7 writes', () => {
  test('the settings are private and replace the old ones whole', async () => {
    using host = openHome()
    mkdirSync(join(host.home, 'FlaskLoginApp'))
    writeFileSync(join(host.home, 'FlaskLoginApp', '.env'), 'OLD=1\nOLDER=1\n', { mode: 0o644 })
    expect(await host.run(`umask 022; ${writeEnvFile}`, 'A="1"\n')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
    expect(host.read('FlaskLoginApp', '.env')).toBe('A="1"\n')
    expect(host.modeOf('FlaskLoginApp', '.env')).toBe('600')
  })

  test('a folder in the place of the settings is kept beside them, however often', async () => {
    using host = openHome()
    for (const content of ['one', 'two']) {
      mkdirSync(join(host.home, 'FlaskLoginApp', '.env'), { recursive: true })
      writeFileSync(join(host.home, 'FlaskLoginApp', '.env', 'mine'), content)
      expect(await host.run(writeEnvFile, 'A="1"\n')).toEqual({ code: 0, stdout: '', stderr: '' })
      expect(host.read('FlaskLoginApp', '.env')).toBe('A="1"\n')
      expect(host.read('FlaskLoginApp', '.env.old', 'mine')).toBe(content)
      rmSync(join(host.home, 'FlaskLoginApp', '.env'))
    }
  })

  test('the unit can be read by everyone, the options of mysql by their owner', async () => {
    using host = openHome()
    mkdirSync(join(host.home, 'FlaskLoginApp'))
    await host.run(`umask 077; ${writeUnit}`, '[Unit]\n')
    await host.run(`umask 022; ${writeMysqlOptions}`, '[client]\n')
    expect(host.modeOf('FlaskLoginApp', 'flasklogin.service')).toBe('644')
    expect(host.modeOf('.my.cnf')).toBe('600')
    expect(readdirSync(host.home).toSorted()).toEqual(['.flasklab-project.lock', '.my.cnf', 'FlaskLoginApp'])
  })

  test('the service is enabled, its unit read again, and then restarted', async () => {
    using host = openHome()
    mkdirSync(join(host.home, 'FlaskLoginApp'))
    host.program('sudo', 'echo "$@" >>"$OUT/asked"')
    expect((await host.run(restartService)).code).toBe(0)
    expect(readFileSync(join(host.out, 'asked'), 'utf8')).toBe(
      [
        `systemctl enable ${host.home}/FlaskLoginApp/flasklogin.service`,
        'systemctl daemon-reload',
        'systemctl restart flasklogin',
        '',
      ].join('\n'),
    )
  })

  test('a running service tells the checksum of its settings and unit', async () => {
    using host = openHome()
    host.program('sudo', 'exit 0')
    host.program('systemctl', serviceIs('enabled', 'active'))
    mkdirSync(join(host.home, 'FlaskLoginApp'))
    writeFileSync(join(host.home, 'FlaskLoginApp', '.env'), 'ab')
    writeFileSync(join(host.home, 'FlaskLoginApp', 'flasklogin.service'), 'c')
    expect((await host.run(inspectService)).code).not.toBe(0)
    await host.run(restartService)
    expect(await host.run(inspectService)).toEqual({
      code: 0,
      stdout: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\n',
      stderr: '',
    })
    host.program('systemctl', serviceIs('enabled', 'failed'))
    expect((await host.run(inspectService)).code).not.toBe(0)
    host.program('systemctl', serviceIs('disabled', 'active'))
    expect((await host.run(inspectService)).code).not.toBe(0)
  })

  test('Node asks the app for its health and tells what it says, and after how long', async () => {
    using host = openHome()
    const ran = await host.run(askHealth(process.execPath))
    // Nothing may listen there, or something else may: either way it is an answer, and no crash.
    expect([0, 1, 2]).toContain(ran.code)
    expect(ran.stdout).toMatch(/^\d+\n.+\n$/)
    expect(readHealth({ code: 1, stdout: '4012\n{"app":"ok"}\n' })).toEqual({
      code: 1,
      ms: 4012,
      text: '{"app":"ok"}',
    })
    expect(readHealth({ code: 127, stdout: '' })).toEqual({ code: 127, ms: 0, text: '' })
  })

  test('the journal is followed only when asked', () => {
    expect(journal(15, 'whole')).toBe('sudo journalctl -u flasklogin -n 15 --no-pager')
    expect(journal(15, 'messages')).toBe('sudo journalctl -u flasklogin -n 15 --no-pager -o cat')
    expect(journal(50, 'follow')).toBe('sudo journalctl -u flasklogin -n 50 -f')
  })
})

describe('installing the software', () => {
  test('the first boot is waited for, and its outcome is not ours', async () => {
    using host = openHome()
    for (const code of [0, 1, 2, 127]) {
      host.program('sudo', `exit ${code}`)
      expect((await host.run(waitForFirstBoot)).code).toBe(0)
    }
    host.program('sudo', 'exit 124')
    expect((await host.run(waitForFirstBoot)).code).toBe(1)
  })

  test('dnf writes to a log, whose end is told when it fails', async () => {
    using host = openHome()
    host.program('sudo', 'echo "$@"', 'echo "Error: no space" >&2', 'test ! -e "$OUT/fail"')
    expect(await host.run(installPackages)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(host.read('flasklab-dnf.log')).toBe(
      'dnf -y install nodejs22 nodejs22-npm mariadb105 tar gzip\nError: no space\n',
    )
    writeFileSync(join(host.out, 'fail'), '')
    expect(await host.run(installPackages)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no space\n$/),
    })
  })

  test('while an earlier run holds the lock for too long, it says so and does nothing', async () => {
    using host = openHome()
    host.program('flock', 'exit 1')
    host.program('sudo', 'touch "$OUT/run"')
    expect(await host.run(installPackages)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^\n+an earlier run of this step is still at work\n$/),
    })
    expect(existsSync(join(host.out, 'run'))).toBe(false)
  })

  test('the host tells its home and its Node once all is installed', async () => {
    using host = openHome()
    for (const name of ['npm-22', 'mysql']) host.program(name)
    expect((await host.run(inspectHost)).code).not.toBe(0)
    host.program('node-22', 'echo v22.0.0')
    const { code, stdout } = await host.run(inspectHost)
    expect({ code, host: parseHost(stdout) }).toEqual({
      code: 0,
      host: { home: host.home, node: join(host.out, 'programs', 'node-22') },
    })
    host.program('node-22', 'exit 1')
    expect((await host.run(inspectHost)).code).not.toBe(0)
  })

  test('an answer is read behind the lines that ~/.bashrc prints', () => {
    const host = { home: '/home/ec2-user', node: '/usr/bin/node-22' }
    expect(parseHost('Welcome!\n/home/ec2-user\n/usr/bin/node-22\n')).toEqual(host)
    expect(readHealth({ code: 0, stdout: 'Welcome!\n12\n{"app":"ok"}\n' })).toEqual({
      code: 0,
      ms: 12,
      text: '{"app":"ok"}',
    })
  })

  test.each(['', '/home/ec2-user\n', '\n/usr/bin/node-22\n', 'Welcome!\n/usr/bin/node-22\n'])(
    'from %j no host is read',
    (stdout) => {
      expect(parseHost(stdout)).toBeUndefined()
    },
  )
})
