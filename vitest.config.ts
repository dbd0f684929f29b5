import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

/** What needs neither a build nor MariaDB comes first, on all cores; to load all modules for each file takes longer than the tests. */
const quick = { maxWorkers: '100%', isolate: false, testTimeout: 60_000, sequence: { groupOrder: 0 } }
/** Three of these fill two cores: each waits now and then, for a server that starts or for a limit that passes. */
const heavy = {
  globalSetup: ['test/support/global-setup.ts'],
  testTimeout: 180_000,
  hookTimeout: 120_000,
  maxWorkers: 3,
  sequence: { groupOrder: 1 },
}

/** A test file belongs to the project of its folder; to `unit` where the folder is none of these. */
const folders = {
  // The practice API, in the process of the test.
  api: { folder: 'test/practice', ...quick },
  // Servers, network, databases and daemon of the practice cloud, and what is built, started for real.
  machine: { folder: 'test/machine', ...heavy },
  app: { folder: 'test/app-template', ...heavy },
  // Whole commands on the practice cloud: one of each kind, and all others.
  journey: { folder: 'test/journeys', ...heavy },
  'long-journey': { folder: 'test/long-journeys', ...heavy },
  // What the practice API answers to the `aws` command line, where this machine has it.
  'command-line': { folder: 'test/command-line', ...heavy },
  drills: { folder: 'test/live-drills', ...heavy },
  // Every request and remote command fails, or is the last before a kill.
  faults: { folder: 'test/faults', ...heavy },
}

const project = (
  name: string,
  test: TestProjectInlineConfiguration['test'],
): TestProjectInlineConfiguration => ({
  extends: true,
  test: { name, ...test },
})

export default defineConfig({
  test: {
    setupFiles: ['test/support/command-equality.ts'],
    // The AWS SDK’s word on Node 20 would stand between the results.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    projects: [
      project('unit', {
        ...quick,
        include: ['test/**/*.test.ts'],
        exclude: Object.values(folders).map(({ folder }) => `${folder}/**`),
      }),
      ...Object.entries(folders).map(([name, { folder, ...rest }]) =>
        project(name, { ...rest, include: [`${folder}/**/*.test.ts`] }),
      ),
    ],
  },
})
