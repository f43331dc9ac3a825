import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { debianPackages } from '../support/debian-packages.ts'

/** A server of a test file's own. */
export interface Server {
  readonly url: string
  stop(): Promise<void>
}

/** Redis, from PATH or from Debian. */
export async function startRedis(): Promise<Server> {
  const own = onPath('redis-server')
  const folder =
    own === undefined
      ? debianPackages('redis', ['redis-server', 'redis-tools', 'libjemalloc2', 'liblua5.1-0', 'liblzf1'])
      : undefined
  if (own === undefined && folder === undefined)
    throw new Error('no redis-server on PATH, and no apt to get it from')
  const port = await freePort()
  const child = start(own ?? found(folder, 'usr/bin/redis-server', 'usr/bin/redis-check-rdb'), folder, [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--requirepass',
    'secret',
  ])
  await said(child, /Ready to accept connections/)
  return { url: `redis://:secret@127.0.0.1:${port}/`, stop: () => stopped(child) }
}

/** MariaDB, from PATH or from Debian. */
export async function startMariadb(): Promise<Server> {
  const own = onPath('mariadbd')
  const folder =
    own === undefined
      ? debianPackages('mariadb', ['mariadb-server-core', 'libaio1', 'libnuma1', 'liburing2', 'libpcre2-8-0'])
      : undefined
  if (own === undefined && folder === undefined)
    throw new Error('no mariadbd on PATH, and no apt to get it from')
  const scratch = mkdtempSync(join(tmpdir(), 'personas-mariadb-'))
  const binary = own ?? join(folder ?? '', 'usr/sbin/mariadbd')
  const share = folder === undefined ? '/usr/share/mysql' : join(folder, 'usr/share/mysql')
  const data = join(scratch, 'data')
  mkdirSync(data)
  const common = [
    '--no-defaults',
    `--datadir=${data}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${join(share, 'charsets')}`,
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
  ]
  const tables = ['mysql_system_tables', 'mysql_performance_tables', 'mysql_system_tables_data']
    .map((name) => readFileSync(join(share, `${name}.sql`), 'utf8'))
    .join('\n')
  const boot = `create database mysql;\nuse mysql;\nset @auth_root_socket=NULL;\nset @skip_auth_anonymous_user=1;\n${tables}`
  const made = spawnSync(binary, [...common, '--bootstrap'], {
    input: boot,
    encoding: 'utf8',
    env: environment(folder),
  })
  if (made.status !== 0) throw new Error(`mariadbd --bootstrap: ${made.stderr}`)
  const port = await freePort()
  const socket = join(scratch, 's')
  const child = start(binary, folder, [
    ...common,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${socket}`,
  ])
  await said(child, /ready for connections/)
  const { createConnection } = await import('mysql2/promise')
  const root = await createConnection({ socketPath: socket, user: 'root' })
  await root.query("create user 'shop'@'%' identified by 'secret'")
  await root.query("grant all on *.* to 'shop'@'%'")
  await root.query('create database shop')
  await root.end()
  return {
    url: `mysql://shop:secret@127.0.0.1:${port}/shop`,
    async stop() {
      await stopped(child)
      rmSync(scratch, { recursive: true, force: true })
    },
  }
}

function onPath(name: string): string | undefined {
  const { status, stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

function found(folder: string | undefined, ...paths: readonly string[]): string {
  const path = paths.map((each) => join(folder ?? '', each)).find((each) => existsSync(each))
  if (path === undefined) throw new Error(`none of ${paths.join(', ')} in ${folder ?? ''}`)
  return path
}

function environment(folder: string | undefined): NodeJS.ProcessEnv {
  if (folder === undefined) return process.env
  const libraries = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].flatMap((arch) => [
    join(folder, 'usr/lib', arch),
    join(folder, 'lib', arch),
  ])
  return { ...process.env, LD_LIBRARY_PATH: libraries.join(':') }
}

/** Ends with this process, however that ends, where the system can see to it. */
function start(binary: string, folder: string | undefined, args: readonly string[]): ChildProcess {
  const setpriv = onPath('setpriv')
  const command =
    setpriv === undefined ? [binary, ...args] : [setpriv, '--pdeathsig', 'TERM', binary, ...args]
  const child = spawn(command[0] ?? binary, command.slice(1), { env: environment(folder) })
  process.once('exit', () => child.kill('SIGKILL'))
  return child
}

async function said(child: ChildProcess, what: RegExp): Promise<void> {
  let text = ''
  await new Promise<void>((ready, fail) => {
    const hear = (chunk: unknown): void => {
      text += String(chunk)
      if (what.test(text)) ready()
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('error', fail)
    child.once('exit', (code) => fail(new Error(`the server ended with ${code}:\n${text.slice(-2000)}`)))
    void delay(60_000).then(() =>
      fail(new Error(`the server did not say ${what.source}:\n${text.slice(-2000)}`)),
    )
  })
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  child.kill('SIGTERM')
  await ended
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await new Promise((done) => server.close(done))
  return port
}
