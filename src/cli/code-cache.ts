import { existsSync, readFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { constants, Script } from 'node:vm'

/** A module that was loaded, by file; V8's code of it with all functions that ran is in `script.createCachedData()`. */
export type LoadedScripts = ReadonlyMap<string, Script>

/** Where the build puts the joined command line, and what V8 made of it: half of the time of a short command. */
const chunks = join(dirname(fileURLToPath(import.meta.url)), '../chunks')

/**
 * The file with V8's code for a module. V8 itself refuses what another version of it wrote, and compiles anew.
 *
 * @public the build writes it
 */
export function codeCacheFile(file: string): string {
  return `${file}.v8`
}

/** Loads `chunks/cli.cjs` and whatever it requires of that folder with the code that the build left there. */
export function requireCommandLine(): { cli: typeof import('./run-cli.ts'); scripts: LoadedScripts } {
  const scripts = new Map<string, Script>()
  withoutLoaderWarning()
  const require = createRequire(import.meta.url)
  require.extensions['.cjs'] = (module, file) => {
    const code = readFileSync(file, 'utf8')
    const cache = codeCacheFile(file)
    const script = new Script(Module.wrap(code), {
      filename: file,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      ...(existsSync(cache) && { cachedData: readFileSync(cache) }),
    })
    scripts.set(file, script)
    const run: (...names: readonly unknown[]) => void = script.runInThisContext()
    run(module.exports, createRequire(file), module, file, dirname(file))
  }
  return { cli: require(join(chunks, 'cli.cjs')), scripts }
}

/** Node 20 warns of the loader that `import()` of a project's module or a driver goes through: nothing to the user's concern. */
function withoutLoaderWarning(): void {
  const { emitWarning } = process
  process.emitWarning = (warning: string | Error, ...more: readonly unknown[]): void => {
    if (!String(warning).includes('USE_MAIN_CONTEXT_DEFAULT_LOADER'))
      Reflect.apply(emitWarning, process, [warning, ...more])
  }
}
