import { ensureEngine } from '../../src/practice/database/install.ts'

/** Whoever runs the tests has agreed to what they need: MariaDB is installed where it is missing. */
export async function setup(): Promise<void> {
  const yes = async () => true
  await ensureEngine({ confirm: yes, typeBack: yes, goOn: yes }, () => {})
}
