-- What both sizes are made with. The schema exists inside the seeding transaction only: nobody else ever sees it.
-- Nothing here is random: md5 spreads the numbers, so every run makes the same rows, their dates aside.
create schema lectern_seed;

-- A version 7 id with a fixed date instead of the clock, so that it orders by number and stays the same for ever.
create function lectern_seed.id(kind text, number bigint) returns uuid language sql immutable parallel safe
  return (lpad(to_hex(1735689600000 + number), 12, '0') || '7' || substr(md5('lectern ' || kind || number), 1, 3)
          || '8' || substr(md5('lectern ' || kind || number), 4, 15))::uuid;

-- 0 up to sides - 1.
create function lectern_seed.dice(key text, sides integer) returns integer language sql immutable parallel safe
  return ('x' || substr(md5(key), 1, 8))::bit(32)::bigint % sides;

-- Odd at the end, so there is room before and between.
create function lectern_seed.place(number integer) returns text language sql immutable parallel safe
  return 'a' || lpad((number * 2 + 1)::text, 5, '0');
