import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { count } from '../identity/report.ts'
import { personas } from '../measure.ts'
import type { Load, Loaded } from './load-child.ts'

const host = '127.0.0.1'
const space = 'serving'

/** The API beside a constant answer of the same size and a bare look-up, each on a core of its own, the load on another. */
export async function measureLoad(folder: string, people: number, seconds: number): Promise<void> {
  const token =
    run(['tokens', 'create', `bench-${Date.now()}`, '--quiet', '--project-dir', folder])
      .trim()
      .split('\n')[0] ?? ''
  const authorization = `Basic ${Buffer.from(`${token}:`).toString('base64')}`
  const path = (person: number, query: string): string =>
    `/v1/spaces/${space}/collections/users/profiles/user_id:user-${person}/traits${query}`
  const store = join(folder, 'target/serving/here')
  const lookUps = Number(node('look-ups', [store, String(people), '5']))
  console.log(`  look-ups in the store: ${count(Math.round(lookUps))} a second`)
  for (const query of ['', '?limit=200']) {
    const paths = Array.from({ length: 20_000 }, (_, index) => path((index * 104_729) % people, query))
    const requests = { paths, authorization }
    const served = await whileServing(
      [personas, 'serve', '--quiet', '--project-dir', folder, '--port'],
      [],
      '/ready',
      async (url) => {
        const sample = await fetch(url + paths[0], { headers: { authorization } })
        const body = await sample.text()
        if (sample.status !== 200) throw new Error(`${sample.status}: ${body}`)
        const full = await mostOf(url, requests, seconds)
        const half = loaded({ url, ...requests, seconds, rate: Math.floor(full.perSecond / 2) })
        const metrics = await (await fetch(`${url}/metrics`)).text()
        const bytes = Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1])
        return { body, headers: own(sample.headers), full, half, megabytes: bytes / 2 ** 20 }
      },
    )
    const { body, headers, full, half, megabytes } = served
    const constant = await whileServing(
      [join(import.meta.dirname, 'constant.js')],
      [JSON.stringify(headers), body],
      '/',
      async (url) => mostOf(url, requests, seconds),
    )
    const answer = query === '' ? 'ten traits' : 'all traits'
    console.log(`${answer}, ${count(body.length)} bytes; ${megabytes.toFixed(0)} MB`)
    line('profile API', full)
    line('profile API at half of that', half)
    line('constant', constant)
    const share = (100 * full.perSecond) / constant.perSecond
    console.log(`  profile API / constant: ${share.toFixed(0)} % of its requests a second`)
    const [ours, least] = [full, constant].map(({ micros }) => `${micros.toFixed(1)} µs`)
    const cost = (100 * constant.micros) / full.micros
    console.log(`  processor time of an answer: ${ours}, of the constant ${least}: ${cost.toFixed(0)} %`)
    console.log(`  look-ups / profile API: ${(lookUps / full.perSecond).toFixed(1)}`)
  }
}

/** What the API adds to what the framework sends by itself: an answer is of the same size with all of them. */
function own(headers: Headers): Record<string, string> {
  const framework = ['connection', 'content-length', 'date', 'keep-alive']
  return Object.fromEntries([...headers].filter(([name]) => !framework.includes(name)))
}

/** Once it is warm. */
async function mostOf(
  url: string,
  requests: Pick<Load, 'paths' | 'authorization'>,
  seconds: number,
): Promise<Loaded & { readonly micros: number }> {
  loaded({ url, ...requests, seconds: 3 })
  const before = await processorSeconds(url)
  const most = loaded({ url, ...requests, seconds })
  const spent = (await processorSeconds(url)) - before
  return { ...most, micros: (1e6 * spent) / (most.perSecond * seconds) }
}

async function processorSeconds(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(metrics)?.[1])
}

function line(name: string, { perSecond, p50, p99, failed }: Loaded): void {
  const latency = `p50 ${p50} ms, p99 ${p99} ms${failed === 0 ? '' : `, ${failed} failed`}`
  console.log(`  ${name.padEnd(28)}${count(Math.round(perSecond)).padStart(8)} a second  ${latency}`)
}

/** Where the system can, on one core. */
function onCore(core: number, args: readonly string[]): readonly [command: string, args: readonly string[]] {
  const pinned = spawnSync('taskset', ['-c', String(core), 'true']).status === 0
  return pinned ? ['taskset', ['-c', String(core), process.execPath, ...args]] : [process.execPath, args]
}

/** Starts a server on a free port, which stands between its arguments, and ends it whatever happens. */
async function whileServing<T>(
  before: readonly string[],
  after: readonly string[],
  readyAt: string,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const port = await freePort()
  const [command, args] = onCore(0, [...before, String(port), ...after])
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = once(child, 'exit')
  try {
    const url = `http://${host}:${port}`
    for (let left = 100; !(await answers(url + readyAt)); left -= 1) {
      if (left === 0) throw new Error(`${url} does not answer`)
      await delay(100)
    }
    return await use(url)
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )
}

function loaded(load: Load): Loaded {
  const [command, args] = onCore(1, [join(import.meta.dirname, 'load-child.js')])
  const child = spawnSync(command, args, {
    encoding: 'utf8',
    input: JSON.stringify(load),
  })
  if (child.status !== 0) throw new Error(child.stderr)
  return JSON.parse(child.stdout)
}

function node(name: string, args: readonly string[]): string {
  const [command, rest] = onCore(0, [join(import.meta.dirname, `${name}.js`), ...args])
  const child = spawnSync(command, rest, { encoding: 'utf8' })
  if (child.status !== 0) throw new Error(child.stderr)
  return child.stdout
}

function run(args: readonly string[]): string {
  const child = spawnSync(process.execPath, [personas, ...args], { encoding: 'utf8' })
  if (child.status !== 0) throw new Error(child.stderr)
  return child.stdout
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
