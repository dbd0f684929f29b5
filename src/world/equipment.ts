import type { Handmade } from '../aws/cloud.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import type { Cloud } from '../lab/ports/cloud.ts'
import type { Kit } from '../lab/ports/kit.ts'
import type { RecordKeeper } from '../lab/ports/record.ts'
import { createSnapshot } from '../lab/snapshot.ts'
import type { WorldOptions } from './options.ts'
import { readProject } from './project.ts'
import type { Target } from './target.ts'

/** All that the kits of all labs on one cloud have in common. */
export interface Equipment {
  cloudIn(region: string, record: () => LabRecord, handmade?: Handmade): Cloud
  kitFor(record: RecordKeeper, region: string, handmade?: Handmade): Kit
  /** Takes back all that an interrupted command must not leave behind. */
  takeBack(): Promise<void>
  close(): void
}

type Voice = Pick<WorldOptions, 'io' | 'ask' | 'tell'>

/** `adapters`: may be on their way while the target is opened. */
export async function equip(
  target: Target,
  { io, ask, tell }: Voice,
  adapters = loadAdapters(),
): Promise<Equipment> {
  const { createCloud, createConnect, createSql, browse, probe, createKeys } = await adapters
  const { clock } = io
  const { reach, myAddress, databaseCa, laptop } = target
  const connections: { close(): void }[] = []
  const debts = createDebts()
  const cloudIn: Equipment['cloudIn'] = (region, record, handmade) =>
    createCloud({ ...target.api, region, clock }, record, handmade)
  return {
    cloudIn,
    kitFor(record, region, handmade) {
      const common = { reach, clock, tell, record, ask }
      const servers = createConnect({ ...common, io })
      connections.push(servers)
      const cloud = cloudIn(region, () => record.value, handmade)
      return {
        ...common,
        cloud,
        snapshot: createSnapshot(cloud),
        isHandmade: handmade !== undefined,
        keys: createKeys(record.keyFile, `flasklab-${record.value.name}`),
        myAddress,
        databaseCa,
        laptop,
        connect: servers.connect,
        sql: createSql(databaseCa),
        ifInterrupted: debts.owe,
        browse,
        probe,
        project: readProject(),
      }
    },
    takeBack: debts.pay,
    close() {
      for (const each of connections) each.close()
    },
  }
}

/** Loaded when a lab is opened: what is asked of the command line alone needs none of them. */
export async function loadAdapters() {
  const [cloud, ssh, mysql, http, probing, keys] = await Promise.all([
    import('../aws/cloud.ts'),
    import('../remote/ssh.ts'),
    import('../remote/mysql.ts'),
    import('../remote/http.ts'),
    import('../remote/probe.ts'),
    import('../remote/keys.ts'),
  ])
  return { ...cloud, ...ssh, ...mysql, ...http, ...probing, ...keys }
}

/** Keeps all that is to be taken back where a command is interrupted before it says that it need not be. */
function createDebts() {
  const owed = new Set<() => Promise<unknown>>()
  const owe: Kit['ifInterrupted'] = (takeBack) => {
    owed.add(takeBack)
    return () => void owed.delete(takeBack)
  }
  const pay = async () => void (await Promise.allSettled([...owed].map((each) => each())))
  return { owe, pay }
}
