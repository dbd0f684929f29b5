import { flasklab, takeSettings } from '../lab/command.ts'

/** Leads the aws command line to the practice cloud, in the shell where it is typed. */
export const LEAD_AWS = takeSettings(flasklab('practice env'))
