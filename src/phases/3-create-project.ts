import { createHash } from 'node:crypto'
import { inspectProject, installProject } from '../host/commands.ts'
import { handout, type Project } from '../lab/lab.ts'
import type { Phase } from '../lab/phase.ts'
import type { ProjectFile } from '../lab/ports/host.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { lastLine } from '../lab/text.ts'
import { BOOT_MS, connectTo } from './host-key.ts'
import { expectSuccess, telling } from './run.ts'

export const createProject: Phase<'project', 'server' | 'host'> = {
  id: 'create-project',
  fact: 'project',
  title: 'Put the project on the server',
  lesson:
    'The folder ~/FlaskLoginApp holds the app, its page templates and its dependencies. The RDS certificates go with it, so that the app can tell your database from an impostor.',
  needs: ['server', 'host'],

  async find({ server, host }, kit) {
    const connection = await connectTo(server, kit, BOOT_MS)
    const { code, stdout } = await connection.run(inspectProject)
    const wanted = projectDigest(projectFiles(kit))
    return code === 0 && lastLine(stdout) === wanted
      ? { folder: folderIn(host.home), digest: wanted }
      : undefined
  },

  async make({ server, host }, kit): Promise<Project> {
    const connection = await connectTo(server, kit, BOOT_MS)
    const files = projectFiles(kit)
    const digest = projectDigest(files)
    const purpose = `unpack ${files.length} files and install their dependencies`
    const title = `the server to ${purpose}`
    expectSuccess(await telling(kit, title, () => connection.send(files, installProject(digest))), purpose)
    return { folder: folderIn(host.home), digest }
  },

  describe: (project) => project.folder,
}

function folderIn(home: string): string {
  return `${home}/${handout.project}`
}

export function projectFiles(kit: Pick<Kit, 'databaseCa' | 'project'>): readonly ProjectFile[] {
  return [...kit.project.files, { path: 'rds-ca.pem', content: kit.databaseCa }]
}

/** The folders that npm fills by the lock file, in the project. */
export function dependencies({ project }: Pick<Kit, 'project'>): readonly string[] {
  const lock = project.files.find(({ path }) => path === 'package-lock.json')?.content
  const { packages = {} } = JSON.parse(String(lock ?? '{}')) as { packages?: Record<string, Locked> }
  return Object.entries(packages)
    .filter(([path, { dev, optional }]) => path !== '' && !dev && !optional)
    .map(([path]) => path)
}

interface Locked {
  readonly dev?: boolean
  readonly optional?: boolean
}

function projectDigest(files: readonly ProjectFile[]): string {
  const hash = createHash('sha256')
  for (const { path, content } of files)
    hash.update(`${path}\0${Buffer.byteLength(content)}\0`).update(content)
  return hash.digest('hex').slice(0, 16)
}
