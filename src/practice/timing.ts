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

/** The pace that the environment asks for: tests have no time, and say `FLASKLAB_PRACTICE_PACE=0`. */
export function paceOf({ FLASKLAB_PRACTICE_PACE: wish }: NodeJS.ProcessEnv): Pace {
  if (wish !== '0') return quickPace
  return {
    instanceStart: 0,
    instanceStop: 0,
    databaseCreate: 0,
    databaseChange: 0,
    databaseDelete: 0,
    terminatedVisible: quickPace.terminatedVisible,
  }
}
