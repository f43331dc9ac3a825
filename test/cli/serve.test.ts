import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../src/serve/store/open-store.ts'
import { hostile } from '../unit/serve/http/sample.ts'
import { basic, publish, users } from '../unit/serve/http/served.ts'
import { copyProject, personas, type Started, start, useBuilt, useFolder } from './personas.ts'

useBuilt()
const folder = useFolder()
const path = `${users}/use_ann/traits`
const config = `name: small
version: 1
target: local
targets: { local: { type: duckdb, path: target/small.duckdb, schema: personas } }
serving: { space_id: shop }
`

function project(): string {
  return copyProject(folder, { 'personas.config.yaml': config })
}

/** A project whose space is `shop`, with the sample published and a token. */
async function published(): Promise<{ readonly cwd: string; readonly token: string }> {
  const cwd = project()
  await publishTo(cwd)
  const { stdout, code } = await personas(['tokens', 'create', 'app'], { cwd })
  expect(code).toBe(0)
  return { cwd, token: stdout.trim() }
}

async function publishTo(cwd: string): Promise<void> {
  const store = await openStore({ type: 'embedded', path: join(cwd, 'target/serving/local') })
  await publish(store)
  await store.close()
}

interface Server extends Started {
  readonly url: string
}

async function serving(cwd: string, ...flags: readonly string[]): Promise<Server> {
  const started = start(['serve', '--port', '0', ...flags], { cwd })
  onTestFinished(() => started.kill('SIGKILL'))
  const [, url = ''] = /(http:\/\/[\d.:]+)/.exec(await started.says('http://')) ?? []
  return { ...started, url }
}

const headersOf = (token: string) => ({ headers: { authorization: basic(token) } })

describe('tokens', () => {
  test('created once, listed without the token, revoked', async () => {
    const cwd = project()
    const created = await personas(['tokens', 'create', 'shop-api'], { cwd })
    expect(created).toMatchObject({ code: 0, stdout: expect.stringMatching(/^psn_[\w-]{43}\n$/) })
    expect(created.stderr).not.toContain('psn_')
    await personas(['tokens', 'create', 'other'], { cwd })
    const { stdout } = await personas(['tokens', 'list'], { cwd })
    expect(stdout).toMatch(/^token +created\n(other|shop-api) +\d{4}-\S+Z\n(other|shop-api) +\d{4}-\S+Z\n$/)
    expect(await personas(['tokens', 'revoke', 'other'], { cwd })).toMatchObject({ code: 0, stdout: '' })
    expect((await personas(['tokens', 'list'], { cwd })).stdout).not.toContain('other')
  })

  test.each([
    [['tokens']],
    [['tokens', 'make', 'a']],
    [['tokens', 'create']],
    [['tokens', 'revoke']],
    [['tokens', 'create', 'a b']],
    [['tokens', 'create', 'x'.repeat(65)]],
    [['serve', '--port', '65536']],
    [['serve', '--port', 'http']],
  ])('%j is wrong usage', async (line) => {
    const { code, stdout, stderr } = await personas(line, { cwd: project() })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^error: /)
  })
})

describe('serve', () => {
  test('what another process publishes, to whom another process lets in', async () => {
    const cwd = project()
    const server = await serving(cwd)
    await server.says('nothing was published yet')
    const token = (await personas(['tokens', 'create', 'app'], { cwd })).stdout.trim()
    const status = async () => (await fetch(`${server.url}${path}`, headersOf(token))).status
    expect(await status()).toBe(503)
    await publishTo(cwd)
    expect(await status()).toBe(200)
    await personas(['tokens', 'revoke', 'app'], { cwd })
    expect(await status()).toBe(401)
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s lets what runs end, exit %i', async (signal, code) => {
    const { cwd, token } = await published()
    const server = await serving(cwd)
    await fetch(`${server.url}${path}`, headersOf(token))
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    const lines = [`GET ${path} HTTP/1.1`, 'host: localhost', `authorization: ${basic(token)}`]
    socket.setEncoding('utf8').write(lines.map((line) => `${line}\r\n`).join(''))
    // It is answered: the server has taken in what came before.
    await fetch(`${server.url}/health`)
    const stopped = performance.now()
    server.kill(signal)
    await gone(server.url)
    socket.write('\r\n')
    const [answer] = await once(socket, 'data')
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n.*"has_more":true/s)
    expect(await server.ended).toMatchObject({ code, stdout: '' })
    expect(performance.now() - stopped).toBeLessThan(10_000)
  })

  test('PSN7020: one process a port', async () => {
    const cwd = project()
    const server = await serving(cwd)
    const { port } = new URL(server.url)
    const second = await personas(['serve', '--port', port], { cwd })
    expect(second).toMatchObject({ code: 1, stdout: '' })
    expect(second.stderr).toContain(`error[PSN7020]: port ${port} of 127.0.0.1 is in use by another process`)
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
  })

  test('a limit of the config holds', async () => {
    const { cwd, token } = await published()
    const server = await serving(cwd)
    const answers = await Promise.all(
      Array.from({ length: 250 }, () => fetch(`${server.url}${path}`, headersOf(token))),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]))
  })
})

describe('what is said of requests', () => {
  test.each([[['--log-format', 'json']], [[]], [['--quiet', '--log-format', 'json']]])(
    'with %j holds nothing of whom they are about',
    async (flags) => {
      const { cwd, token } = await published()
      const server = flags.includes('--quiet') ? await silent(cwd, flags) : await serving(cwd, ...flags)
      onTestFinished(() => server.kill('SIGKILL'))
      await up(server.url)
      for (const { type, value } of hostile) {
        const profile = `${encodeURIComponent(type)}:${encodeURIComponent(value)}`
        for (const each of [`${users}/${profile}/traits?include=${encodeURIComponent(value)}`, `/${profile}`])
          await fetch(`${server.url}${each}`, headersOf(token)).then((answer) => answer.text())
      }
      await fetch(`${server.url}${users}/email:ann@example.org%zz/traits`, headersOf(token))
      server.kill('SIGTERM')
      const { stdout, stderr } = await server.ended
      expect(stdout).toBe('')
      expect(stderr).not.toMatch(/ann|example\.org|a:b:c|nul|limit=1|xxx|__proto__|%|psn_|Basic/i)
      expect(stderr).not.toContain(basic(token).slice(6))
      if (flags.includes('--quiet')) return expect(stderr).toBe('')
      expect(stderr).toContain('/v1/spaces/:space/collections/:collection/profiles/:profile/traits')
      if (!flags.includes('json')) return
      const entries = stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(entries.filter(({ event }) => event === 'request')[1]).toEqual({
        time: expect.any(String),
        level: 'info',
        event: 'request',
        method: 'GET',
        route: '/v1/spaces/:space/collections/:collection/profiles/:profile/traits',
        status: 200,
        ms: expect.any(Number),
        token: 'app',
        request_id: expect.any(String),
      })
    },
  )
})

/** It does not say where it listens. */
async function silent(cwd: string, flags: readonly string[]): Promise<Server> {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const address = free.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  free.close()
  await once(free, 'close')
  const started = start(['serve', '--port', String(address.port), ...flags], { cwd })
  return { ...started, url: `http://127.0.0.1:${address.port}` }
}

async function up(url: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/health`).catch(() => undefined)
    if (answer !== undefined) return
  }
}

/** No connection is taken any more. */
async function gone(url: string): Promise<void> {
  for (;;) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const refused = await Promise.race([
      once(socket, 'connect').then(() => false),
      once(socket, 'error').then(() => true),
    ]).catch(() => true)
    socket.destroy()
    if (refused) return
  }
}
