export default {
  type: 'log',
  summary: 'adds only',
  settings: { safeParse: (data) => ({ success: true, data }) },
  secrets: [],
  capabilities: () => ({ modes: ['add', 'upsert'], batchRows: 10, concurrency: 1, repeated: 'harmful', visible: 'batch' }),
  check: async () => {},
  open: async () => ({ write: async (changes) => changes.map(() => ({ ok: true })), close: async () => {} }),
}
