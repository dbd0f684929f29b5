/** How long the practice cloud takes for what takes AWS minutes, in milliseconds. */
export interface Pace {
  readonly instanceStart: number
  readonly instanceStop: number
  readonly databaseCreate: number
  readonly databaseChange: number
  readonly databaseDelete: number
  /** How long a terminated instance stays visible. */
  readonly terminatedVisible: number
}

export const quickPace: Pace = {
  instanceStart: 1_000,
  instanceStop: 800,
  databaseCreate: 2_500,
  databaseChange: 800,
  databaseDelete: 1_200,
  terminatedVisible: 3_600_000,
}
