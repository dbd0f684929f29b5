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

const quickPace: Pace = {
  instanceStart: 1_000,
  instanceStop: 800,
  databaseCreate: 2_500,
  databaseChange: 800,
  databaseDelete: 1_200,
  terminatedVisible: 3_600_000,
}

/** `FLASKLAB_PRACTICE_PACE` is a factor on these times, for tests, which have no time or need more of it. */
export function paceOf({ FLASKLAB_PRACTICE_PACE: times = '1' }: NodeJS.ProcessEnv): Pace {
  const { terminatedVisible, ...transitions } = quickPace
  const scaled = Object.entries(transitions).map(([what, ms]) => [what, ms * Number(times)])
  return { ...quickPace, ...Object.fromEntries(scaled), terminatedVisible }
}
