import { exitCode } from './invocation.ts'

/**
 * What becomes of a write to stdout or stderr that fails. Whoever stopped reading (`personas ls | head -1`) has what they
 * wanted: the work goes on unheard. Anything else, such as a full disk, is said once and ends with exit code 1.
 */
export function listenForBrokenOutput(): void {
  let isSaid = false
  const listen = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE' || isSaid) return
    isSaid = true
    process.stderr.write(
      `error: cannot write the output: ${error.message}\n  free some space, or write elsewhere\n`,
    )
    process.once('exit', () => {
      process.exitCode = exitCode.problems
    })
  }
  process.stdout.on('error', listen)
  process.stderr.on('error', listen)
}
