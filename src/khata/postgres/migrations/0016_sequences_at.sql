-- The last sequences at many instants are found in one go.

set local search_path = khata;

-- The same for many instants, rising. Where in the stretch an instant lies is guessed by time, and the
-- guess made good by steps that double: a few rows an instant, however long the history is.
create function sequences_at(in_bucket smallint, of_wallet text, instants timestamptz[])
returns bigint[] language plpgsql stable
set enable_sort = off set plan_cache_mode = force_generic_plan as $$
declare
  answer bigint[] := '{}'; instant timestamptz;
  low bigint := 0; low_at timestamptz; high bigint; high_at timestamptz;
  last bigint; last_at timestamptz; guess bigint; guess_at timestamptz; step bigint; upward boolean;
begin
  select sequence into last from accounts where bucket = in_bucket and wallet_id = of_wallet;
  if coalesce(last, 0) = 0 then return array_fill(0::bigint, array[cardinality(instants)]); end if;
  select at into last_at from transactions
    where bucket = in_bucket and wallet_id = of_wallet and sequence >= last and sequence <= last
    order by sequence;
  foreach instant in array instants loop
    if instant >= last_at then
      low := last;
    else
      high := last; high_at := last_at; step := 0; guess := 1;
      -- The row of `low`, where there is one, is not after the instant; that of `high` is.
      while high - low > 1 or low = 0 loop
        if low > 0 and step = 0 then
          guess := low + ((high - low) * extract(epoch from instant - low_at)
            / extract(epoch from high_at - low_at))::bigint;
          guess := greatest(low + 1, least(high - 1, guess));
        end if;
        select at into guess_at from transactions
          where bucket = in_bucket and wallet_id = of_wallet
            and sequence >= guess and sequence <= guess
          order by sequence;
        exit when low = 0 and guess_at > instant;
        if step = 0 then
          step := case when low = 0 then 0 else greatest(1, sqrt(high - low)::bigint) end;
          upward := guess_at <= instant;
        elsif upward = (guess_at <= instant) then
          step := step * 2;
        else
          step := 0;
        end if;
        if guess_at <= instant then
          low := guess; low_at := guess_at;
        else
          high := guess; high_at := guess_at;
        end if;
        guess := case when upward then low + step else high - step end;
        if guess <= low or guess >= high then step := 0; end if;
      end loop;
    end if;
    answer := answer || low;
  end loop;
  return answer;
end $$;

grant execute on function sequences_at(smallint, text, timestamptz[]) to khata_app;
