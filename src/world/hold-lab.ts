import { labFolder } from '../store/lab-folder.ts'
import { lockLab } from '../store/lab-lock.ts'
import type { WorldOptions } from './options.ts'

/** Takes a lab for a command that changes it. However the process ends, short of being killed, it lets the lab go. */
export function holdLab(
  name: string,
  { io, home, changing }: Pick<WorldOptions, 'io' | 'home' | 'changing'>,
): () => void {
  if (changing === undefined) return () => {}
  const unlock = lockLab(labFolder(home, name), name, changing)
  const forget = io.onExit(unlock)
  return () => {
    forget()
    unlock()
  }
}
