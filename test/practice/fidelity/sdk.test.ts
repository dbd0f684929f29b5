import { test } from 'vitest'
import { openFidelityCloud } from './behaviour.ts'
import { sdk } from './channels.ts'
import { behaviours } from './table.ts'

for (const { says, check } of behaviours) {
  test(`by the SDK: ${says}`, async () => {
    await using cloud = await openFidelityCloud()
    await check(cloud, sdk)
  })
}
