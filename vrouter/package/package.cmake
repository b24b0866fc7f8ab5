# How a machine starts the router's agent, and the Debian package.
#
# One unit for the machine itself, one for a router in a network namespace beside others; only
# names differ. systemd finds the program itself, so the prefix may be any.
function(unit file description arguments run state unit_more service_more)
	set(DESCRIPTION ${description})
	set(ARGUMENTS ${arguments})
	set(RUN ${run})
	set(STATE ${state})
	set(UNIT_MORE ${unit_more})
	set(SERVICE_MORE ${service_more})
	configure_file(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/weft-vrouterd.service.in
		${CMAKE_BINARY_DIR}/units/${file} @ONLY)
	install(FILES ${CMAKE_BINARY_DIR}/units/${file} DESTINATION lib/systemd/system)
endfunction()

set(run /run/weft/netns/%i)
unit(weft-vrouterd.service "Virtual router" "" weft weft/vrouter "" "")
unit(weft-vrouterd@.service "Virtual router in the network namespace %i"
	" --state-dir /var/lib/weft/netns/%i --run-dir ${run} --socket unix:${run}/vrouter.sock"
	weft/netns/%i weft/netns/%i
	"AssertPathExists=/run/netns/%i\n" "NetworkNamespacePath=/run/netns/%i\n")

set(doc ${CMAKE_INSTALL_DATADIR}/doc/weft-vrouter)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/copyright ${CMAKE_SOURCE_DIR}/CHANGELOG.md
	${CMAKE_CURRENT_LIST_DIR}/weft-vrouterd.openrc DESTINATION ${doc})

# Each component is a package: what has none is the router's.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME weft)
set(CPACK_PACKAGE_CONTACT "The weft developers")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL Unspecified cli hostnet controller)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_NAME weft-vrouter)
set(CPACK_DEBIAN_UNSPECIFIED_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_SECTION net)
set(CPACK_COMPONENT_UNSPECIFIED_DESCRIPTION
"virtual router from one document
vrouterd makes a network namespace, or a machine, the router that one JSON
document says: public and private networks, source NAT, elastic IPs, port
forwards, load balancers, DNS, DHCP, routes and a firewall.")
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_DEPENDS "haproxy (>= 2.6), dnsmasq-base (>= 2.89), procps")
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_RECOMMENDS
	"weft, charon-systemd, libstrongswan-standard-plugins")
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_SUGGESTS nftables)
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/postinst
	${CMAKE_CURRENT_LIST_DIR}/prerm ${CMAKE_CURRENT_LIST_DIR}/postrm)

set(CPACK_DEBIAN_CLI_PACKAGE_NAME weft)
set(CPACK_DEBIAN_CLI_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_CLI_PACKAGE_SECTION net)
set(CPACK_COMPONENT_CLI_DESCRIPTION
"command line of virtual routers and hosts
weft speaks to controllerd, and to vrouterd and hostnetd directly, and tells
what became of what they were told.")
include(CPack)
