// Stands in for the app's passwords.js, so that its logins can be measured beside the handout's: plain text, as
// there. It is no part of what lands on a server, and no setting of the app leads here.
export const dummyHash = ''
export const hashPassword = async (password) => password
export const verifyPassword = async (password, hash) => password === hash
export const isOutdated = () => false
