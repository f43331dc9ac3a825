import { expect, test } from 'vitest'
import { opened, typeOf } from '../opened.ts'

test('without the library it says what to install', async () => {
  await expect(opened('segment_actions', { destination: 'braze', action: 'x' })).rejects.toMatchObject({
    kind: 'fatal',
    reason: 'not installed',
    message: expect.stringContaining('@segment/action-destinations'),
  })
})

test.each(['../braze', 'braze/index', 'Braze', ''])(
  '%j is no folder of a destination',
  async (destination) => {
    const { settings } = await typeOf('segment_actions')
    expect(settings.safeParse({ destination, action: 'x' }).success).toBe(false)
  },
)

test('removes only where an action for it is named', async () => {
  const { settings, capabilities } = await typeOf('segment_actions')
  const own = { destination: 'braze', action: 'x' }
  expect(capabilities(settings.parse(own)).modes).not.toContain('mirror')
  expect(capabilities(settings.parse({ ...own, remove_action: 'y' })).modes).toContain('mirror')
})
