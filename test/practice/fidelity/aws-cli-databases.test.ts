import { testByCommandLine } from './by-command-line.ts'
import { table } from './table.ts'

testByCommandLine(table.databases)
