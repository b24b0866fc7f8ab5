# How a machine starts the host's agent, and its Debian package, which is the component "hostnet".
file(COPY ${CMAKE_CURRENT_LIST_DIR}/weft-hostnet.service DESTINATION ${CMAKE_BINARY_DIR}/units)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/weft-hostnet.service DESTINATION lib/systemd/system
	COMPONENT hostnet EXCLUDE_FROM_ALL)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/copyright ${CMAKE_SOURCE_DIR}/CHANGELOG.md
	${CMAKE_CURRENT_LIST_DIR}/weft-hostnet.openrc
	DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/weft-hostnet COMPONENT hostnet EXCLUDE_FROM_ALL)

set(CPACK_DEBIAN_HOSTNET_PACKAGE_NAME weft-hostnet)
set(CPACK_DEBIAN_HOSTNET_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_HOSTNET_PACKAGE_SECTION net)
set(CPACK_COMPONENT_HOSTNET_DESCRIPTION
"networks of a host's guests from one document
hostnetd gives the virtual machines of a host the networks that one JSON
document says: bridges, VLANs and VXLANs, guarded ports, DHCP and user data,
elastic IPs, and routing between the networks of a VPC.")
set(CPACK_DEBIAN_HOSTNET_PACKAGE_DEPENDS "dnsmasq-base (>= 2.89)")
set(CPACK_DEBIAN_HOSTNET_PACKAGE_RECOMMENDS weft)
set(CPACK_DEBIAN_HOSTNET_PACKAGE_SUGGESTS nftables)
set(CPACK_DEBIAN_HOSTNET_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/postinst
	${CMAKE_CURRENT_LIST_DIR}/prerm ${CMAKE_CURRENT_LIST_DIR}/postrm)
