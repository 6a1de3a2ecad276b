-- the entry's fence and id
if is_journaled(ARGV[1], ARGV[2]) then
    forget_flight()
end
return 0
