import { expect, onTestFinished, test } from 'vitest'
import { kinds } from '../store/kinds.ts'
import { hostile } from './sample.ts'
import { accounts, serve, users } from './served.ts'

test('every kind of store serves the same', async () => {
  const profiles = hostile.map(
    ({ type, value }) => `${users}/${encodeURIComponent(type)}:${encodeURIComponent(value)}`,
  )
  const paths = [...profiles, `${users}/use_old`, `${users}/use_nobody`, `${accounts}/acme`].flatMap((path) =>
    ['traits?verbose=true', 'external_ids', 'events', 'metadata?verbose=true', 'links'].map(
      (resource) => `${path}/${resource}`,
    ),
  )
  const answers = []
  for (const kind of kinds) {
    const { store, drop } = await kind.place()
    const served = await serve({ place: store })
    onTestFinished(async () => {
      await served.close()
      await drop()
    })
    const got = []
    for (const path of paths) {
      const { status, text } = await served.get(path)
      got.push([path, status, text])
    }
    answers.push(got)
  }
  expect(answers).toHaveLength(2)
  expect(answers[1]).toEqual(answers[0])
})
