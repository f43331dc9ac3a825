import { fileURLToPath } from 'node:url'

/** Where this package is: two folders up from a file of `src/cli`, of `dist/cli`, and of what the build joins of them. */
export const packageFolder: string = fileURLToPath(new URL('../../', import.meta.url))
