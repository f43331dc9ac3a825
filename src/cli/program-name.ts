import { basename, join, relative } from 'node:path'

/**
 * How this program was called, for commands a user can copy: `personas` where it is installed, `npx personas` where npm runs a
 * project's own copy, and `node dist/cli/main.js` in a clone, where no command of that name is on the path.
 *
 * @param script as in `process.argv[1]`: npm's link to the program, or the program itself
 */
export function programName(script = process.argv[1] ?? '', folder = process.cwd()): string {
  if (basename(script, '.js') !== 'main') {
    return script.includes(join('node_modules', '.bin')) ? 'npx personas' : 'personas'
  }
  const path = relative(folder, script)
  const shown = path.startsWith('..') ? script : path
  return `node ${/\s/.test(shown) ? JSON.stringify(shown) : shown}`
}
