import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checksInOrder } from '../src/checks/in-order.ts'
import { drills } from '../src/drills/all.ts'
import { costOf } from '../src/lab/cost.ts'
import { LEVELS } from '../src/lab/exercise.ts'
import { listedPrices, listedRegions } from '../src/lab/prices.ts'
import { plannedUsage } from '../src/lab/usage.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const guides = readdirSync(join(root, 'docs')).map((file) => join('docs', file))
const pages = [
  'README.md',
  ...['ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'].filter((file) =>
    existsSync(join(root, file)),
  ),
  ...guides,
]

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8')
}

/** The text between two marks of a page is made from the sources: `npm run docs` writes it. */
const GENERATED: Readonly<Record<string, { readonly page: string; readonly text: () => string }>> = {
  prices: { page: 'docs/cost.md', text: priceTable },
  checks: { page: 'docs/doctor.md', text: checkTable },
  drills: { page: 'docs/doctor.md', text: drillSentence },
}

test.each(Object.entries(GENERATED))(
  'the %s in the docs are those of the sources',
  (name, { page, text }) => {
    const [start, end] = [`<!-- ${name} -->\n\n`, `\n<!-- /${name} -->`]
    const [before, rest = ''] = read(page).split(start)
    const [stands, after] = rest.split(end)
    if (process.env['FLASKLAB_WRITE_DOCS']) {
      writeFileSync(join(root, page), `${before}${start}${text()}\n${end}${after}`)
      return
    }
    expect(stands, 'npm run docs writes it').toBe(`${text()}\n`)
  },
)

test.each(pages)('every link of %s leads somewhere', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link)
  const lost = links.filter((link) => {
    const [path = '', heading] = link.split('#')
    const target = path === '' ? page : relative(root, join(root, dirname(page), path))
    if (!existsSync(join(root, target))) return true
    return heading !== undefined && !headingsOf(read(target)).includes(heading)
  })
  expect(lost).toEqual([])
})

test.each(pages)('every file of the sources that %s names is there', (page) => {
  const named = [...read(page).matchAll(/`((?:src|test|docs|bench)\/[\w./-]+)`/g)].map(
    ([, path = '']) => path,
  )
  expect(named.filter((path) => !/[A-Z]{2,}/.test(path) && !existsSync(join(root, path)))).toEqual([])
})

test.each(guides)('%s begins with its table of contents', (page) => {
  const [, ...sections] = headingsOf(read(page))
  const contents = [...read(page).matchAll(/^- \[[^\]]+\]\(#([^)]+)\)$/gm)].map(([, heading]) => heading)
  expect(contents).toEqual(sections)
})

test('no page counts the checks or drills, or names the price of the lab, by hand', () => {
  const { hourly } = costOf(plannedUsage(0), listedPrices('us-east-1'), 0)
  const figures = [`${checksInOrder.length} checks`, `${drills.length} drills`, hourly?.toFixed(4) ?? '']
  const byHand = pages.map((page) => [page, read(page).replace(/<!-- (\w+) -->[\s\S]*?<!-- \/\1 -->/g, '')])
  const found = byHand.flatMap(([page, text]) =>
    figures.filter((figure) => text?.includes(figure)).map((figure) => `${page}: ${figure}`),
  )
  expect(found).toEqual([])
})

/** As GitHub makes them of the headings. */
function headingsOf(text: string): string[] {
  const outside = text.replace(/```[\s\S]*?```/g, '')
  return [...outside.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

/** An hour of each part of the handout's lab, and 30 days of all of it. */
function priceTable(): string {
  const regions = listedRegions()
  const usage = plannedUsage(0)
  const costs = regions.map((region) => costOf(usage, listedPrices(region), 0))
  const money = (digits: number) => (usd: number | null | undefined) => usd?.toFixed(digits) ?? 'unknown'
  const rows = usage.map(({ id, what }) => [
    what,
    ...costs.map(({ items }) => money(4)(items.find((item) => item.id === id)?.hourly)),
  ])
  const sums = [
    ['**together**', ...costs.map(({ hourly }) => `**${money(4)(hourly)}**`)],
    ['**30 days**', ...costs.map(({ ifForgotten30Days }) => `**${money(2)(ifForgotten30Days)}**`)],
  ]
  return table(['dollars an hour', ...regions], [...rows, ...sums])
}

function checkTable(): string {
  const rows = checksInOrder.map(({ id, title, needs }) => [
    `\`${id}\``,
    title,
    needs.map((need) => `\`${need}\``).join(', '),
  ])
  return table([`${rows.length} checks`, 'asks', 'after'], rows)
}

function drillSentence(): string {
  const counts = LEVELS.map((level) => {
    const count = drills.filter((drill) => drill.level === level).length
    return `${count} ${level}`
  })
  return `There are ${drills.length} drills: ${counts.join(', ')}.`
}
