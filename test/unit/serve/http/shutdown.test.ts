import { once } from 'node:events'
import { expect, test } from 'vitest'
import { finish } from '../../../../src/serve/http/listen.ts'
import { basic, serve, users } from './served.ts'

test('a request that runs is finished, and no other one begins', async () => {
  const { promise: released, resolve: release } = withResolvers()
  const { promise: reached, resolve: reach } = withResolvers()
  const served = await serve({
    through: (reader) => ({
      async read(query) {
        reach()
        await released
        return reader.read(query)
      },
      tokenName: (hash) => reader.tokenName(hash),
      release: () => reader.release(),
      close: () => reader.close(),
    }),
  })
  // A connection that is kept for more requests must not hold the server up.
  await served.get('/health')
  const running = fetch(`${served.url}${users}/use_ann/traits`, {
    headers: { authorization: basic(served.token) },
  })
  await reached
  const closed = once(served.api.server, 'close')
  const finished = finish(served.api)
  await expect(fetch(`${served.url}/health`)).rejects.toThrow('fetch failed')
  release()
  const answer = await running
  expect([answer.status, await answer.json()]).toMatchObject([200, { cursor: { limit: 10 } }])
  await finished
  await closed
  await served.close()
})

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
