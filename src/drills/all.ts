import { appDrills } from './app.ts'
import { databaseDrills } from './database.ts'
import { databaseRuleDrills } from './database-rules.ts'
import type { Drill } from './drill.ts'
import { laptopDrills } from './laptop.ts'
import { networkDrills } from './network.ts'
import { schemaDrills } from './schema.ts'
import { serverDrills } from './server.ts'

export const drills: readonly Drill[] = [
  ...laptopDrills,
  ...networkDrills,
  ...serverDrills,
  ...databaseRuleDrills,
  ...databaseDrills,
  ...schemaDrills,
  ...appDrills,
]
