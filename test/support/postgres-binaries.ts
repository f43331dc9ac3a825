import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Server {
  readonly url: string
  stop(): Promise<void>
}

export interface ServerOptions {
  /** `name=value`. */
  readonly settings?: readonly string[]
  /** Put into its data folder. */
  readonly files?: Readonly<Record<string, string>>
  /** Lines of pg_hba.conf before all others. */
  readonly hba?: readonly string[]
  /** No file may be larger: 512 bytes each. */
  readonly fileBlocks?: number
}

/** A server that tests may do harm to. */
export interface ServerOfItsOwn extends Server {
  /** As an administrator stops it, or as a power cut does; and starts it again, with a pause between them. */
  restart(how: 'stop' | 'crash', pauseMs?: number): Promise<void>
}

/** From the binaries of this machine, else those of npm, whatever the server of the test run is made of. */
export async function serverOfItsOwn(options: ServerOptions): Promise<ServerOfItsOwn> {
  return await serverFromBinaries('local', options).catch(() => serverFromBinaries('embedded', options))
}

/** The server hangs on a pipe to this process: it ends with it even if this process is killed. */
export async function serverFromBinaries(
  kind: 'local' | 'embedded',
  options: ServerOptions = {},
): Promise<ServerOfItsOwn> {
  const script = new URL('./postgres-server.mjs', import.meta.url)
  const words = [script.pathname, kind, JSON.stringify(options)]
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => String((await lines.next()).value ?? '')
  const tell = async (word: string): Promise<void> => {
    child.stdin.write(`${word}\n`)
    const answer = await next()
    if (answer !== word) throw new Error(`the server was told to ${word} and says ${answer}`)
  }
  const url = await next()
  if (url.startsWith('postgres://')) {
    return {
      url,
      stop: () => ended(child),
      async restart(how, pauseMs = 0) {
        await tell(how)
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
        await tell('start')
      },
    }
  }
  await ended(child)
  throw new Error(url.replace(/^none /, '') || 'it ended without a word')
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.stdin?.end()
  await exit
}
