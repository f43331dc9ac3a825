import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { ServingStore } from '../../../../src/config/config.ts'

export interface OtherProcess {
  readonly child: ChildProcess
  /** The next line it says; undefined when it has ended. */
  said(): Promise<string | undefined>
  ended(): Promise<void>
}

/** Of the built project. @param limit `ulimit -f`: no file may be larger, in blocks of 1,024 bytes */
export function otherProcess(
  what: 'publish' | 'read',
  at: ServingStore,
  options: object = {},
  limit?: number,
): OtherProcess {
  const words = [
    new URL('./process.mjs', import.meta.url).pathname,
    what,
    JSON.stringify(at),
    JSON.stringify(options),
  ]
  const child =
    limit === undefined
      ? spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'pipe'] })
      : spawn('bash', ['-c', `ulimit -f ${limit}; exec "$0" "$@"`, process.execPath, ...words], {
          stdio: ['pipe', 'pipe', 'pipe'],
        })
  let errors = ''
  child.stderr.on('data', (text) => {
    errors += String(text)
  })
  const exit = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    child,
    async said() {
      const { value, done } = await lines.next()
      return done === true ? undefined : String(value)
    },
    async ended() {
      await exit
      if (errors !== '') throw new Error(errors)
    },
  }
}
