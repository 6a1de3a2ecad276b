-- the entry's fence
if get('flight_fence') == ARGV[1] then
    forget_flight()
end
return 0
