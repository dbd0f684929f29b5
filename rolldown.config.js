// Replaces dist/aws/sdk.js, which names what is used of the SDK, by just that.
// biome-ignore lint/style/noDefaultExport: rolldown reads it so.
export default {
  input: 'dist/aws/sdk.js',
  platform: 'node',
  // The SDK's "main" is one file that can't be taken apart.
  resolve: { mainFields: ['module', 'main'] },
  output: { dir: 'dist/aws', format: 'esm', chunkFileNames: 'sdk/[name]-[hash].js' },
}
