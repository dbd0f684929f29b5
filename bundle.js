/** What the compiler leaves to do. It speaks of trouble only, as every installation runs it. */
import { cpSync, rmSync } from 'node:fs'
import { build } from 'rolldown'

// Those of the build before have other names.
rmSync('dist/aws/sdk', { recursive: true, force: true })
// Replaces dist/aws/sdk.js, which names what is used of the SDK, by just that.
await build({
  input: 'dist/aws/sdk.js',
  platform: 'node',
  // The SDK's "main" is one file that can't be taken apart.
  resolve: { mainFields: ['module', 'main'] },
  output: { dir: 'dist/aws', format: 'esm', chunkFileNames: 'sdk/[name]-[hash].js' },
})

cpSync('src/practice/machine/stand-ins', 'dist/practice/machine/stand-ins', { recursive: true })
cpSync('src/practice/namespaces/machine.sh', 'dist/practice/namespaces/machine.sh')
