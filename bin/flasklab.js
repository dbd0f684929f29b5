#!/usr/bin/env node
// Old syntax on purpose: this file must be readable by a Node too old for the rest.
var parts = process.versions.node.split('.')
var major = Number(parts[0])
var minor = Number(parts[1])
if (
  major < 20 ||
  major === 21 ||
  major === 23 ||
  (major === 20 && minor < 19) ||
  (major === 22 && minor < 13)
) {
  process.stderr.write(
    'flasklab needs Node.js 20.19, 22.13, or 24 and newer; this is ' +
      process.versions.node +
      '.\nInstall a newer one from https://nodejs.org, then run it again.\n',
  )
  process.exit(1)
}
// The AWS SDK would print its own warning about Node 20 into the middle of a line.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
// Nothing is left to wait for, and yet there is no result: never let that pass for success.
process.on('beforeExit', () => {
  process.stderr.write(
    'A bug in flasklab: it ended without a result. Run the command again with --verbose.\n',
  )
  process.exit(70)
})
import('../dist/main.js').then(
  (main) =>
    main.main(process.argv.slice(2)).then((code) => {
      process.exit(code)
    }),
  (error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/dist/.test(error.message)) throw error
    process.stderr.write('flasklab is not built yet: run "npm ci" in its folder first.\n')
    process.exit(1)
  },
)
