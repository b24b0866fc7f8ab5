# How a machine starts the controller, and its Debian package, which is the component "controller".
file(COPY ${CMAKE_CURRENT_LIST_DIR}/weft-controller.service DESTINATION ${CMAKE_BINARY_DIR}/units)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/weft-controller.service DESTINATION lib/systemd/system
	COMPONENT controller EXCLUDE_FROM_ALL)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/copyright ${CMAKE_SOURCE_DIR}/CHANGELOG.md
	DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/weft-controller COMPONENT controller EXCLUDE_FROM_ALL)

set(CPACK_DEBIAN_CONTROLLER_PACKAGE_NAME weft-controller)
set(CPACK_DEBIAN_CONTROLLER_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_CONTROLLER_PACKAGE_SECTION net)
set(CPACK_COMPONENT_CONTROLLER_DESCRIPTION
"model of a private cloud's networks
controllerd keeps zones, hosts, networks, routers, services and accounts, and
tells the agents of hosts and routers what they have to make true.")
set(CPACK_DEBIAN_CONTROLLER_PACKAGE_RECOMMENDS weft)
set(CPACK_DEBIAN_CONTROLLER_PACKAGE_SUGGESTS postgresql)
set(CPACK_DEBIAN_CONTROLLER_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/postinst
	${CMAKE_CURRENT_LIST_DIR}/prerm ${CMAKE_CURRENT_LIST_DIR}/postrm)
