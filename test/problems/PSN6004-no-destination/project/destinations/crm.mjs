export default { type: 'crm' }
