import type { LabReceipt } from '../../commands/cleanup-many.ts'
import type { Receipt } from '../../commands/receipt.ts'
import type { Paper } from '../paper.ts'
import { plansText, planText } from './cleanup-plan.ts'

const DRY_RUN = 'Nothing was deleted: it was a dry run.'
const STILL_LEFT = 'Run the command again; what is left may bill.'

/** `bills`: whether anybody asks money for what there is. */
export function receiptText(receipt: Receipt, bills: boolean, { width, typed }: Paper): string {
  const { deleted, left, clean, unseen, plan, refused } = receipt
  if (plan !== undefined) return `${planText(plan, bills, width)}\n\n${DRY_RUN}`
  if (refused) return `Nothing was deleted.${bills ? ' It goes on to cost.' : ''}`
  const blind = unseen.map((what) => `UNSEEN   ${what}: these credentials may not look`)
  if (deleted.length === 0 && clean) return ['There is nothing to clean up.', ...blind].join('\n')
  return [
    ...deleted.map(({ kind, id }) => `deleted  ${kind}  ${id}`),
    ...left.flatMap(({ kind, id, why, run = [] }) => [
      `LEFT     ${kind}  ${id}: ${why}`,
      ...typed(run).map((command) => `           ${command}`),
    ]),
    ...blind,
    '',
    clean ? `Nothing ${unseen.length === 0 ? '' : 'else '}of the lab is left.` : STILL_LEFT,
  ].join('\n')
}

/** The receipts of several labs, all in one region. */
export function receiptsText(
  receipts: readonly LabReceipt[],
  { region, bills }: { readonly region: string; readonly bills: boolean },
  paper: Paper,
): string {
  const where = `Looked at ${region} only; --region names another one, flasklab list --all-regions shows all.`
  if (receipts.length === 0) return `There is no such lab to clean up.\n${where}`
  const plans = receipts.flatMap(({ plan }) => plan ?? [])
  if (plans.length > 0) return `${plansText(plans, bills, paper.width)}\n\n${DRY_RUN}\n${where}`
  const each = receipts.map((receipt) =>
    [`Lab "${receipt.lab}" (${receipt.id})`, receiptText(receipt, bills, paper)].join('\n'),
  )
  return [...each, where].join('\n\n')
}
