import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { type ClientHttp2Session, connect } from 'node:http2'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { findBinary } from './binary.ts'
import type { Parts } from './wire.ts'

export type Method =
  | 'Analyze'
  | 'EvaluateModify'
  | 'EvaluateQuery'
  | 'ExtractTableNamesFromStatement'
  | 'GetLanguageOptions'

/** What the analyzer or the evaluator says about a statement, in Google's words. */
export class GoogleSqlError extends Error {}

/** Google's analyzer and reference evaluator, a process on a loopback port that speaks gRPC. */
export interface Service {
  /** @throws GoogleSqlError where the statement is refused */
  call(method: Method, message: Parts): Promise<Buffer>
  stop(): Promise<void>
}

/** gRPC status codes by which the service judges a statement, rather than fails. */
const judgements = new Set([3, 5, 6, 9, 11, 12])

/** @throws Error where there is no analyzer for this platform, or it is not installed */
export async function startService(): Promise<Service> {
  const binary = findBinary()
  if ('missing' in binary) throw new Error(binary.missing)
  let running = await start(binary.path)
  let restart: Promise<void> | undefined
  return {
    async call(method, message) {
      // A statement that ends the service must not fail all that come after it.
      if (running.hasEnded()) {
        restart ??= start(binary.path).then((again) => {
          running = again
          restart = undefined
        })
        await restart
      }
      return await call(running.session, method, message)
    },
    stop: () => running.stop(),
  }
}

interface Running {
  readonly session: ClientHttp2Session
  hasEnded(): boolean
  stop(): Promise<void>
}

async function start(path: string): Promise<Running> {
  const port = await freePort()
  const child = launch(path, port)
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  process.once('exit', kill)
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  const session = await connected(child, port)
  return {
    session,
    hasEnded: () => hasEnded() || session.closed || session.destroyed,
    async stop() {
      process.off('exit', kill)
      session.close()
      if (hasEnded()) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Exit handlers do not run where this process is killed, so the kernel is asked to end the service too. */
function launch(path: string, port: number): ChildProcess {
  const command = [path, 'localhost', String(port)]
  const hasSetpriv = process.platform === 'linux' && spawnSync('setpriv', ['--version']).status === 0
  const [program, ...given] = hasSetpriv ? ['setpriv', '--pdeathsig', 'KILL', ...command] : command
  return spawn(program ?? path, given, { stdio: 'ignore' })
}

async function connected(child: ChildProcess, port: number): Promise<ClientHttp2Session> {
  let failure: unknown
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`the GoogleSQL service ended with code ${child.exitCode}`)
    const session = connect(`http://localhost:${port}`)
    try {
      await new Promise((resolve, reject) => session.once('connect', resolve).once('error', reject))
      session.on('error', () => {})
      // A window of 64 kB would make a large table a long conversation.
      session.setLocalWindowSize(1 << 28)
      session.settings({ initialWindowSize: 1 << 28 })
      return session
    } catch (error) {
      failure = error
      session.destroy()
      await delay(25)
    }
  }
  child.kill('SIGKILL')
  throw new Error('the GoogleSQL service did not answer within 10 seconds', { cause: failure })
}

function call(session: ClientHttp2Session, method: Method, message: Parts): Promise<Buffer> {
  let length = 0
  for (const part of message) length += part.length
  const head = Buffer.alloc(5)
  head.writeUInt32BE(length, 1)
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': `/zetasql.local_service.ZetaSqlLocalService/${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    const chunks: Buffer[] = []
    let status = ''
    let words = ''
    const read = (headers: Readonly<Record<string, unknown>>): void => {
      if (headers['grpc-status'] === undefined) return
      status = String(headers['grpc-status'])
      words = decodeURIComponent(String(headers['grpc-message'] ?? ''))
    }
    stream.on('response', read)
    stream.on('trailers', read)
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('close', () => {
      if (status === '0') resolve(Buffer.concat(chunks).subarray(5))
      else if (judgements.has(Number(status || 'NaN'))) reject(new GoogleSqlError(words))
      else reject(new Error(`the GoogleSQL service failed (status ${status || 'none'}): ${words}`))
    })
    stream.end(Buffer.concat([head, ...message]))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'))
        else resolve(address.port)
      })
    })
  })
}
