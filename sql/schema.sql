-- Section 4 of the handout, with a hash in place of the password: the one table of the lab.
-- Run it inside the database (USE flaskdb), as often as you like: a table that is there already is left as
-- it is. It reads the same for MySQL 8.4 and for MariaDB.

CREATE TABLE IF NOT EXISTS users (
  -- MySQL numbers the rows itself. The number stays the same for as long as the user exists.
  id INT AUTO_INCREMENT PRIMARY KEY,

  -- At most 50 characters, where an emoji is one. UNIQUE: the database refuses a name that is taken,
  -- even when two visitors ask for it at the same moment.
  name VARCHAR(50) NOT NULL UNIQUE,

  -- Never the password itself: whoever reads this table, in a lost backup perhaps, still cannot log in.
  -- It holds the method, its cost, a random salt and the hash: $scrypt$ln=15,r=8,p=3$salt$hash
  password_hash VARCHAR(255) NOT NULL,

  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
)
-- InnoDB survives a crash. utf8mb4 holds every character there is. The collation says which names are the
-- same: ci ignores upper and lower case, and it ignores accents and spaces at the end as well.
ENGINE = InnoDB
DEFAULT CHARACTER SET = utf8mb4
COLLATE = utf8mb4_unicode_520_ci;
