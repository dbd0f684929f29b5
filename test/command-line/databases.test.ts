import { table } from '../practice/fidelity/table.ts'
import { testByCommandLine } from './by-command-line.ts'

testByCommandLine(table.databases)
