import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { traitsPart } from '../src/serve/store/documents.ts'
import { openStore } from '../src/serve/store/open-store.ts'
import { newToken, tokenHash } from '../src/serve/token.ts'
import { personas } from './measure.ts'

// Requests a second of the Profile API with 50 traits a profile, beside a constant answer of the same size, turn by turn.
const [people = 100_000, rounds = 5, seconds = 4] = process.argv.slice(2).map(Number)
const folder = mkdtempSync(join(tmpdir(), 'personas-bench-'))
const token = newToken()
const headers = { authorization: `Basic ${Buffer.from(`${token}:`).toString('base64')}` }
const paths = Array.from(
  { length: 1000 },
  (_, index) =>
    `/v1/spaces/bench/collections/users/profiles/email:user${Math.floor((index * people) / 1000)}%40example.com/traits`,
)

async function fill(): Promise<void> {
  const store = await openStore({ type: 'embedded', path: join(folder, 'store') })
  const now = new Date().toISOString()
  await store.addToken({ name: 'bench', hash: tokenHash(token), createdAt: now })
  const release = { runId: 'bench', asOf: now, definitions: 'bench', publishedAt: now }
  await store.publish({ full: true, release }, async (writer) => {
    for (let person = 0; person < people; person += 1) {
      const traits = Array.from({ length: 50 }, (_, index) => ({
        name: `trait_${index}`,
        class: 'computed_trait' as const,
        value: index % 2 === 0 ? person * index : `value ${index} of ${person}`,
      }))
      await writer.put('users', {
        id: `use_${String(person).padStart(10, '0')}`,
        formerIds: [],
        identifiers: [{ type: 'email', value: `user${person}@example.com` }],
        parts: { traits: traitsPart(traits) },
      })
    }
  })
  await store.close()
}

/** Waits for the URL it says, and reads on. */
function start(args: readonly string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  return new Promise((settle, fail) => {
    let said = ''
    child.on('exit', () => fail(new Error(said)))
    child.stderr.on('data', (chunk) => {
      if (said.length < 1000) said += chunk
      const [url] = /http:\/\/[\d.:]+/.exec(said) ?? []
      if (url !== undefined) settle({ child, url })
    })
  })
}

async function cpuSeconds(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(text)?.[1])
}

interface Taken {
  readonly perSecond: number
  readonly cpuMicros: number
}

async function measure(url: string, requests: readonly string[]): Promise<Taken> {
  const before = await cpuSeconds(url)
  const result = await autocannon({
    url,
    connections: 20,
    duration: seconds,
    headers,
    requests: requests.map((path) => ({ path })),
  })
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} were refused`)
  const cpu = (await cpuSeconds(url)) - before
  return {
    perSecond: result.requests.total / result.duration,
    cpuMicros: (cpu / result.requests.total) * 1e6,
  }
}

const children: ChildProcess[] = []
try {
  await fill()
  const config = { name: 'bench', version: 1, target: 'local' }
  const serving = { store: { type: 'embedded', path: join(folder, 'store') }, rate_limit: 0 }
  const targets = { local: { type: 'duckdb', path: 'bench.duckdb' } }
  writeFileSync(join(folder, 'personas.config.yaml'), JSON.stringify({ ...config, targets, serving }))
  const flags = ['serve', '--port', '0', '--project-dir', folder]
  const logged = await start([personas, ...flags, '--log-format', 'json'])
  children.push(logged.child)
  const body = await (await fetch(`${logged.url}${paths[0]}`, { headers })).text()
  const constant = await start([join(import.meta.dirname, 'serve/constant.js'), body])
  children.push(constant.child)
  const contenders = [
    { name: 'a constant', url: constant.url, requests: ['/constant'] },
    { name: 'profiles', url: logged.url, requests: paths },
  ]
  const best = new Map<string, Taken>()
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, url, requests } of contenders) {
      const taken = await measure(url, requests)
      const known = best.get(name) ?? taken
      best.set(name, {
        perSecond: Math.max(known.perSecond, taken.perSecond),
        cpuMicros: Math.min(known.cpuMicros, taken.cpuMicros),
      })
    }
  }
  const base = best.get('a constant')
  for (const [name, { perSecond, cpuMicros }] of best) {
    const share = (perSecond / (base?.perSecond ?? 1)) * 100
    const shareOfCpu = ((base?.cpuMicros ?? 1) / cpuMicros) * 100
    console.log(
      `${name.padEnd(12)} ${perSecond.toFixed(0).padStart(7)} a second (${share.toFixed(0)} %)   ` +
        `${cpuMicros.toFixed(1)} µs of CPU each (${shareOfCpu.toFixed(0)} %)`,
    )
  }
} finally {
  const ended = children.map((child) => once(child, 'exit'))
  for (const child of children) child.kill()
  await Promise.all(ended)
  rmSync(folder, { recursive: true })
}
